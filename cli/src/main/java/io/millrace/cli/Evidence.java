package io.millrace.cli;

import io.millrace.cli.proof.Agreement;
import io.millrace.cli.proof.Content;
import io.millrace.cli.proof.Fate;
import io.millrace.cli.proof.Ledger;
import io.millrace.cli.proof.Reading;
import io.millrace.cli.proof.Violation;
import io.millrace.client.MillraceException;
import io.millrace.client.ReadRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the senders and readers of a run have found out together, and whether the run is over
 * because something is wrong. Thread-safe: each partition's part is guarded by its ledger.
 *
 * <p>At most {@link #MOST_OPEN} records are neither settled nor forgotten; past that, senders wait.
 */
final class Evidence {

    static final int MOST_OPEN = 200_000;

    private final List<Ledger> ledgers = new ArrayList<>();
    private final List<Agreement> agreements = new ArrayList<>();
    private final Semaphore room = new Semaphore(MOST_OPEN);
    private final AtomicReference<@Nullable Violation> violation = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile @Nullable MillraceException refusal;

    /**
     * @param starts for each partition, the offset from which on it belongs to the run
     */
    Evidence(List<Long> starts, int producers) {
        for (int partition = 0; partition < starts.size(); partition++) {
            ledgers.add(new Ledger(partition, producers, starts.get(partition)));
            agreements.add(new Agreement(partition));
        }
    }

    int partitions() {
        return ledgers.size();
    }

    /** Whether there is nothing more to find out. */
    boolean isOver() {
        return violation.get() != null || failure.get() != null;
    }

    /** The first thing that was wrong. */
    Optional<Violation> violation() {
        return Optional.ofNullable(violation.get());
    }

    /** Something is wrong. */
    void found(Violation wrong) {
        violation.compareAndSet(null, wrong);
    }

    /** The run cannot go on. */
    void failed(RuntimeException why) {
        failure.compareAndSet(null, why);
    }

    /** Throws why the run could not go on, if so. */
    void check() {
        RuntimeException failed = failure.get();
        if (failed != null && violation.get() == null) {
            throw failed;
        }
    }

    /** Waits a little for room for another record. Returns whether there is. */
    boolean takeRoom() {
        try {
            return room.tryAcquire(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A producer sends a record, for which there is room. Returns its sequence. */
    long send(int partition, int producer) {
        Ledger ledger = ledgers.get(partition);
        synchronized (ledger) {
            return ledger.send(producer);
        }
    }

    /** The last record of a producer was not sent after all. */
    void withdraw(int partition, int producer) {
        judge(
                partition,
                ledger -> {
                    ledger.withdraw(producer);
                    return null;
                });
    }

    void told(int partition, int producer, long sequence, Fate fate) {
        judge(partition, ledger -> ledger.told(producer, sequence, fate));
    }

    /** Why a record was not stored, or perhaps not. */
    void refused(MillraceException why) {
        refusal = why;
    }

    /** Why a record was not stored most recently. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal).map(MillraceException::getMessage);
    }

    Reading reading(int partition, Reading.Role role, Content content) {
        return new Reading(role, content, ledgers.get(partition), agreements.get(partition));
    }

    void read(int partition, Reading reading, ReadRecord record) {
        judge(partition, ledger -> reading.read(record));
    }

    /** The log of a partition begins behind what a reading wants to see next. */
    void trimmed(int partition, Reading reading, long logStart) {
        judge(partition, ledger -> reading.trimmed(logStart));
    }

    /** A reading came to the end of its partition. */
    void end(int partition, Reading reading) {
        judge(partition, ledger -> reading.end());
    }

    /** All fates are told, and the witnesses are at their ends. */
    void end() {
        for (int partition = 0; partition < partitions(); partition++) {
            judge(partition, Ledger::end);
        }
    }

    /** Offset behind all that is known of a partition. */
    long next(int partition) {
        return locked(ledgers.get(partition), Ledger::next);
    }

    /** The sum of something over all partitions. */
    long sum(ToLongFunction<Ledger> count) {
        return ledgers.stream().mapToLong(ledger -> locked(ledger, count)).sum();
    }

    private static long locked(Ledger ledger, ToLongFunction<Ledger> question) {
        synchronized (ledger) {
            return question.applyAsLong(ledger);
        }
    }

    /** Something that may turn out to be wrong. */
    private interface Step {
        @Nullable Violation of(Ledger ledger);
    }

    private void judge(int partition, Step step) {
        Ledger ledger = ledgers.get(partition);
        synchronized (ledger) {
            // After a violation a ledger does not hold together any more.
            if (isOver()) {
                return;
            }
            int before = ledger.open();
            Violation wrong = step.of(ledger);
            if (wrong != null) {
                found(wrong);
            }
            room.release(before - ledger.open());
        }
    }
}

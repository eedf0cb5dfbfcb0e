package io.millrace.cli.verify;

import io.millrace.cli.verify.proof.AckLedger;
import io.millrace.cli.verify.proof.DeliveryOutcome;
import io.millrace.cli.verify.proof.PartitionVerifier;
import io.millrace.cli.verify.proof.ReaderConsistency;
import io.millrace.cli.verify.proof.RecordContent;
import io.millrace.cli.verify.proof.Violation;
import io.millrace.client.error.MillraceException;
import io.millrace.client.record.ReadRecord;
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
 * <p>At most {@link #MAX_OPEN} records are neither settled nor forgotten; past that, senders wait.
 */
final class VerificationState {

    static final int MAX_OPEN = 200_000;

    private final List<AckLedger> ledgers = new ArrayList<>();
    private final List<ReaderConsistency> agreements = new ArrayList<>();
    private final Semaphore room = new Semaphore(MAX_OPEN);
    private final AtomicReference<@Nullable Violation> violation = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile @Nullable MillraceException rejection;

    /**
     * @param starts for each partition, the offset from which on it belongs to the run
     */
    VerificationState(List<Long> starts, int producers) {
        for (int partition = 0; partition < starts.size(); partition++) {
            ledgers.add(new AckLedger(partition, producers, starts.get(partition)));
            agreements.add(new ReaderConsistency(partition));
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
        AckLedger ledger = ledgers.get(partition);
        synchronized (ledger) {
            return ledger.send(producer);
        }
    }

    /** The last record of a producer was not sent after all. */
    void withdraw(int partition, int producer) {
        validate(
                partition,
                ledger -> {
                    ledger.withdraw(producer);
                    return null;
                });
    }

    void reported(int partition, int producer, long sequence, DeliveryOutcome fate) {
        validate(partition, ledger -> ledger.reported(producer, sequence, fate));
    }

    /** Why a record was not stored, or perhaps not. */
    void rejected(MillraceException why) {
        rejection = why;
    }

    /** Why a record was not stored most recently. */
    Optional<String> rejection() {
        return Optional.ofNullable(rejection).map(MillraceException::getMessage);
    }

    PartitionVerifier reading(int partition, PartitionVerifier.Role role, RecordContent content) {
        return new PartitionVerifier(
                role, content, ledgers.get(partition), agreements.get(partition));
    }

    void read(int partition, PartitionVerifier reading, ReadRecord record) {
        validate(partition, ledger -> reading.read(record));
    }

    /** The log of a partition begins behind what a reading wants to see next. */
    void trimmed(int partition, PartitionVerifier reading, long logStart) {
        validate(partition, ledger -> reading.trimmed(logStart));
    }

    /** A reading came to the end of its partition. */
    void end(int partition, PartitionVerifier reading) {
        validate(partition, ledger -> reading.end());
    }

    /** All fates are told, and the witnesses are at their ends. */
    void end() {
        for (int partition = 0; partition < partitions(); partition++) {
            validate(partition, AckLedger::end);
        }
    }

    /** Offset behind all that is known of a partition. */
    long next(int partition) {
        return locked(ledgers.get(partition), AckLedger::next);
    }

    /** The sum of something over all partitions. */
    long sum(ToLongFunction<AckLedger> count) {
        return ledgers.stream().mapToLong(ledger -> locked(ledger, count)).sum();
    }

    private static long locked(AckLedger ledger, ToLongFunction<AckLedger> question) {
        synchronized (ledger) {
            return question.applyAsLong(ledger);
        }
    }

    /** Something that may turn out to be wrong. */
    private interface Step {
        @Nullable Violation of(AckLedger ledger);
    }

    private void validate(int partition, Step step) {
        AckLedger ledger = ledgers.get(partition);
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

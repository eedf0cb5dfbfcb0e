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
 * The state shared by a run's senders and readers: all ledgers, and the first violation or failure,
 * which ends the run. Thread-safe: a partition's ledger guards its state.
 *
 * <p>At most {@link #MAX_OPEN} records are open, neither settled nor forgotten; at the limit
 * senders wait.
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
     * @param starts for each partition, the first offset of the run
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

    boolean isOver() {
        return violation.get() != null || failure.get() != null;
    }

    Optional<Violation> violation() {
        return Optional.ofNullable(violation.get());
    }

    void reportViolation(Violation wrong) {
        violation.compareAndSet(null, wrong);
    }

    void reportFailure(RuntimeException why) {
        failure.compareAndSet(null, why);
    }

    void throwIfFailed() {
        RuntimeException failed = failure.get();
        if (failed != null && violation.get() == null) {
            throw failed;
        }
    }

    /** Waits a bounded time for room for one more record. */
    boolean awaitRoom() {
        try {
            return room.tryAcquire(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Registers a record after {@link #awaitRoom}. Returns its sequence. */
    long send(int partition, int producer) {
        AckLedger ledger = ledgers.get(partition);
        synchronized (ledger) {
            return ledger.send(producer);
        }
    }

    /** Undoes the registration of a producer's last record. */
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

    void rejected(MillraceException why) {
        rejection = why;
    }

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

    void trimmed(int partition, PartitionVerifier reading, long logStart) {
        validate(partition, ledger -> reading.trimmed(logStart));
    }

    void end(int partition, PartitionVerifier reading) {
        validate(partition, ledger -> reading.end());
    }

    /** Called when all outcomes are known and the witnesses have reached their ends. */
    void end() {
        for (int partition = 0; partition < partitions(); partition++) {
            validate(partition, AckLedger::end);
        }
    }

    long endOffset(int partition) {
        return locked(ledgers.get(partition), AckLedger::endOffset);
    }

    long sum(ToLongFunction<AckLedger> count) {
        return ledgers.stream().mapToLong(ledger -> locked(ledger, count)).sum();
    }

    private static long locked(AckLedger ledger, ToLongFunction<AckLedger> question) {
        synchronized (ledger) {
            return question.applyAsLong(ledger);
        }
    }

    private interface LedgerStep {
        @Nullable Violation of(AckLedger ledger);
    }

    private void validate(int partition, LedgerStep step) {
        AckLedger ledger = ledgers.get(partition);
        synchronized (ledger) {
            // After a violation a ledger is inconsistent.
            if (isOver()) {
                return;
            }
            int before = ledger.openCount();
            Violation wrong = step.of(ledger);
            if (wrong != null) {
                reportViolation(wrong);
            }
            room.release(before - ledger.openCount());
        }
    }
}

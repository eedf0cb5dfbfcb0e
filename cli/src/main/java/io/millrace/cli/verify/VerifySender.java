package io.millrace.cli.verify;

import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.verify.proof.DeliveryOutcome;
import io.millrace.cli.verify.proof.RecordContent;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.DeliveryListener;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Sends the records of one producer of {@code verify}, to all partitions in turn, and records each
 * outcome. {@link #run} is for one thread; the rest is thread-safe.
 */
@SystemAccess("reads the clock and waits between retries")
final class VerifySender implements Runnable {

    private static final long PAUSE_NANOS = 50_000_000;

    /** Limited, so that the end of sending is checked often. */
    static final Duration MAX_BLOCK = Duration.ofMillis(500);

    private final int number;
    private final String topic;
    private final Producer producer;
    private final RecordContent content;
    private final VerificationState state;
    private final AckStallMonitor stallMonitor;
    private final RatePacer pace;
    private final Duration duration;
    private final BooleanSupplier enough;
    private final long[] hashes;

    /**
     * @param producer used exclusively and closed by {@link #run}
     * @param absence the monitor of the producer's server; its lock guards the monitor
     */
    VerifySender(
            VerifyRun.Plan plan,
            int number,
            Producer producer,
            BooleanSupplier enough,
            VerificationState evidence,
            AckStallMonitor absence) {
        this.number = number;
        this.topic = plan.topic();
        this.producer = producer;
        this.content = plan.content();
        this.state = evidence;
        this.stallMonitor = absence;
        this.pace = plan.pace();
        this.duration = plan.duration();
        this.enough = enough;
        this.hashes = new long[evidence.partitions()];
    }

    Optional<String> trouble() {
        return producer.stallReason();
    }

    /** Sends until the time is over, then waits for the outcome of every record. */
    @Override
    public void run() {
        try (producer) {
            long start = RatePacer.now();
            long end = start + duration.toNanos();
            long records = 0;
            long bytes = 0;
            while (!state.isOver() && pace.awaitDue(start, bytes, records) < end) {
                if (enough.getAsBoolean() || RatePacer.now() >= end) {
                    break;
                }
                int size = sendTo((int) ((number + records) % hashes.length));
                if (size > 0) {
                    records++;
                    bytes += size;
                }
            }
            if (state.isOver()) {
                producer.close(Duration.ZERO);
            }
        } catch (RuntimeException failed) {
            state.reportFailure(failed);
        }
    }

    /** Returns the size in bytes; 0 if the producer rejected the record. */
    private int sendTo(int partition) {
        if (!state.awaitRoom()) {
            return 0;
        }
        long sequence = state.send(partition, number);
        byte[] record = content.make(number, partition, sequence, hashes[partition]);
        synchronized (stallMonitor) {
            stallMonitor.sent(RatePacer.now());
        }
        try {
            producer.send(
                    OutgoingRecord.of(topic, content.keyOf(number, sequence), record)
                            .withPartition(partition)
                            .withTimestamp(content.timestampMsOf(number, sequence))
                            .withHeaders(content.headersOf(number, sequence)),
                    new Listener(partition, sequence));
        } catch (MillraceException notTaken) {
            state.withdraw(partition, number);
            synchronized (stallMonitor) {
                // Does not end a stall: the server is the reason for the rejection.
                stallMonitor.failed();
            }
            if (!notTaken.retriable()) {
                throw notTaken;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            return 0;
        }
        hashes[partition] = RecordContent.hashOf(record);
        return record.length;
    }

    private final class Listener implements DeliveryListener {
        private final int partition;
        private final long sequence;

        Listener(int partition, long sequence) {
            this.partition = partition;
            this.sequence = sequence;
        }

        @Override
        public void stored(ProduceResult batch, int index) {
            boolean forgotten = batch.offset() == ProduceResult.UNKNOWN_OFFSET;
            long offset = forgotten ? -1 : batch.offset() + index;
            synchronized (stallMonitor) {
                stallMonitor.acknowledged(RatePacer.now());
            }
            state.reported(partition, number, sequence, new DeliveryOutcome.Stored(offset));
        }

        @Override
        public void failed(MillraceException why) {
            synchronized (stallMonitor) {
                stallMonitor.failed();
            }
            state.rejected(why);
            boolean unknown = why instanceof MillraceException.OutcomeUnknown;
            state.reported(
                    partition,
                    number,
                    sequence,
                    unknown ? new DeliveryOutcome.Unknown() : new DeliveryOutcome.NotStored());
            if (why instanceof MillraceException.Rejected && !why.retriable()) {
                state.reportFailure(why);
            }
        }
    }
}

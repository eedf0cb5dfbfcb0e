package io.millrace.cli;

import io.millrace.cli.proof.Content;
import io.millrace.cli.proof.Fate;
import io.millrace.client.DeliveryListener;
import io.millrace.client.MillraceException;
import io.millrace.client.OutgoingRecord;
import io.millrace.client.Producer;
import io.millrace.client.Stored;
import io.millrace.runtime.Edge;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Sends the records of one producer of {@code verify}, in turn to all partitions, and notes what
 * became of each. {@link #run} belongs to one thread; the rest is thread-safe.
 */
@Edge("reads the clock, and waits before it tries again")
final class VerifySender implements Runnable {

    /** How long to wait where the producer does not. */
    private static final long PAUSE_NANOS = 50_000_000;

    /** How long a producer may block, so that it looks often whether time is over. */
    static final Duration MAX_BLOCK = Duration.ofMillis(500);

    private final int number;
    private final String topic;
    private final Producer producer;
    private final Content content;
    private final Evidence evidence;
    private final Absence absence;
    private final Pace pace;
    private final Duration duration;
    private final BooleanSupplier enough;
    private final long[] hashes;

    /**
     * @param producer used by nobody else; closed by {@link #run}
     * @param enough whether to send no more, although time is not over
     * @param absence of the producer's server; guarded by itself
     */
    VerifySender(
            VerifyRun.Plan plan,
            int number,
            Producer producer,
            BooleanSupplier enough,
            Evidence evidence,
            Absence absence) {
        this.number = number;
        this.topic = plan.topic();
        this.producer = producer;
        this.content = plan.content();
        this.evidence = evidence;
        this.absence = absence;
        this.pace = plan.pace();
        this.duration = plan.duration();
        this.enough = enough;
        this.hashes = new long[evidence.partitions()];
    }

    /** Why its records wait. */
    Optional<String> trouble() {
        return producer.trouble();
    }

    /** Sends until time is over, and waits until the fate of every record is told. */
    @Override
    public void run() {
        try (producer) {
            long start = Pace.now();
            long end = start + duration.toNanos();
            long records = 0;
            long bytes = 0;
            while (!evidence.isOver() && pace.awaitDue(start, bytes, records) < end) {
                if (enough.getAsBoolean() || Pace.now() >= end) {
                    break;
                }
                int size = sendTo((int) ((number + records) % hashes.length));
                if (size > 0) {
                    records++;
                    bytes += size;
                }
            }
            if (evidence.isOver()) {
                producer.close(Duration.ZERO);
            }
        } catch (RuntimeException failed) {
            evidence.failed(failed);
        }
    }

    /** Returns the bytes of the record; 0 if it was not taken. */
    private int sendTo(int partition) {
        if (!evidence.takeRoom()) {
            return 0;
        }
        long sequence = evidence.send(partition, number);
        byte[] record = content.make(number, partition, sequence, hashes[partition]);
        synchronized (absence) {
            absence.sent(Pace.now());
        }
        try {
            producer.send(
                    OutgoingRecord.of(topic, content.keyOf(number, sequence), record)
                            .toPartition(partition),
                    new Listener(partition, sequence));
        } catch (MillraceException notTaken) {
            evidence.withdraw(partition, number);
            synchronized (absence) {
                // It counts as waiting: the server is why it was not taken.
                absence.failed();
            }
            if (!notTaken.retriable()) {
                throw notTaken;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            return 0;
        }
        hashes[partition] = Content.hashOf(record);
        return record.length;
    }

    /** Notes what becomes of one record. */
    private final class Listener implements DeliveryListener {
        private final int partition;
        private final long sequence;

        Listener(int partition, long sequence) {
            this.partition = partition;
            this.sequence = sequence;
        }

        @Override
        public void stored(Stored batch, int index) {
            boolean forgotten = batch.offset() == Stored.UNKNOWN_OFFSET;
            long offset = forgotten ? -1 : batch.offset() + index;
            synchronized (absence) {
                absence.acknowledged(Pace.now());
            }
            evidence.told(partition, number, sequence, new Fate.Stored(offset));
        }

        @Override
        public void failed(MillraceException why) {
            synchronized (absence) {
                absence.failed();
            }
            evidence.refused(why);
            boolean unknown = why instanceof MillraceException.OutcomeUnknown;
            evidence.told(
                    partition,
                    number,
                    sequence,
                    unknown ? new Fate.Unknown() : new Fate.NotStored());
            if (why instanceof MillraceException.Refused && !why.retriable()) {
                evidence.failed(why);
            }
        }
    }
}

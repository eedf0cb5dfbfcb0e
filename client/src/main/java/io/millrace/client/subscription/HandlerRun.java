package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.UndecodablePolicy;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * Delivers a received message to the handler, batch by batch. Created and stopped by the I/O
 * thread; runs on the subscription's executor.
 */
public final class HandlerRun {

    /** The result of a run. */
    public sealed interface Outcome {
        /** All batches were handled, or the run was stopped. */
        record Done() implements Outcome {}

        /** The handler threw an exception. */
        record Threw(Throwable cause) implements Outcome {}

        /** A batch fails its checksum; the batches before were handled. */
        record Damaged(MillraceException.Corrupt failure) implements Outcome {}
    }

    public interface BatchCallback {
        void handle(ReadBatch batch) throws Exception;
    }

    private final TopicPartition partition;
    private final ReceivedBatches batches;
    private final boolean countsOnStart;
    private final UndecodablePolicy undecodable;
    private volatile boolean stopped;
    private volatile long position;

    /**
     * @param countsBefore true if a batch counts as handled before the handler is called
     */
    HandlerRun(
            TopicPartition partition,
            ReceivedBatches chunk,
            boolean countsBefore,
            UndecodablePolicy undecodable) {
        this.partition = partition;
        this.batches = chunk;
        this.countsOnStart = countsBefore;
        this.undecodable = undecodable;
        this.position = chunk.wanted();
    }

    TopicPartition partition() {
        return partition;
    }

    ReceivedBatches batches() {
        return batches;
    }

    /** Stops the run before the next batch. Any thread. */
    void stop() {
        stopped = true;
    }

    /** Returns the offset of the next unhandled record. Any thread. */
    long position() {
        return position;
    }

    /**
     * Delivers the batches. Called once, on the executor.
     *
     * @param mayProceed a test of whether the partition is still assigned
     */
    Outcome run(BatchCallback handling, BooleanSupplier mayProceed) {
        ByteBuffer bytes = batches.bytes();
        int at = 0;
        while (at < bytes.limit()) {
            int length = ReadBatch.lengthAt(bytes, at);
            long next = ReadBatch.nextOffsetAt(bytes, at);
            if (next > batches.wanted()) {
                ReadBatch batch;
                try {
                    batch =
                            ReadBatch.decodeAt(
                                    partition,
                                    bytes,
                                    at,
                                    length,
                                    batches.wanted(),
                                    batches.highWatermark());
                } catch (MillraceException.Corrupt damaged) {
                    return new Outcome.Damaged(damaged);
                }
                if (stopped || !mayProceed.getAsBoolean()) {
                    return new Outcome.Done();
                }
                if (countsOnStart) {
                    position = next;
                }
                try {
                    if (!batch.isControl()) {
                        handling.handle(batch.with(undecodable));
                    }
                } catch (Throwable thrown) {
                    return new Outcome.Threw(thrown);
                }
                position = next;
            }
            at += length;
        }
        return new Outcome.Done();
    }
}

package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * The handing over of one chunk to the handler, batch by batch. It is made and stopped by the I/O
 * thread, and runs on the subscription's executor; each of its methods says who may call it.
 */
public final class HandlerRun {

    /** How it ended. */
    public sealed interface Outcome {
        /** All was handed over, or it was told to stop. */
        record Done() implements Outcome {}

        /** The handler threw. */
        record Threw(Throwable cause) implements Outcome {}

        /** A batch fails its checksum; those before it were handed over. */
        record Damaged(MillraceException.Corrupt failure) implements Outcome {}
    }

    /** What is done with a batch. */
    public interface Handling {
        void handle(ReadBatch batch) throws Exception;
    }

    private final TopicPartition partition;
    private final ReceivedBatches chunk;
    private final boolean countsBefore;
    private volatile boolean stopped;
    private volatile long position;

    /**
     * @param countsBefore whether a batch counts as handled once it is handed over, rather than
     *     when the handler has returned
     */
    HandlerRun(TopicPartition partition, ReceivedBatches chunk, boolean countsBefore) {
        this.partition = partition;
        this.chunk = chunk;
        this.countsBefore = countsBefore;
        this.position = chunk.wanted();
    }

    TopicPartition partition() {
        return partition;
    }

    ReceivedBatches chunk() {
        return chunk;
    }

    /** Hands over no other batch. From any thread. */
    void stop() {
        stopped = true;
    }

    /** Offset of the next record that is not handled. From any thread. */
    long position() {
        return position;
    }

    /**
     * Hands the batches over. On the executor, once.
     *
     * @param mayProceed whether the partition is the subscription's still
     */
    Outcome run(Handling handling, BooleanSupplier mayProceed) {
        ByteBuffer bytes = chunk.bytes();
        int at = 0;
        while (at < bytes.limit()) {
            int length = ReadBatch.lengthAt(bytes, at);
            long next = ReadBatch.nextOffsetAt(bytes, at);
            if (next > chunk.wanted()) {
                ReadBatch batch;
                try {
                    batch =
                            ReadBatch.at(
                                    partition,
                                    bytes,
                                    at,
                                    length,
                                    chunk.wanted(),
                                    chunk.highWatermark());
                } catch (MillraceException.Corrupt damaged) {
                    return new Outcome.Damaged(damaged);
                }
                if (stopped || !mayProceed.getAsBoolean()) {
                    return new Outcome.Done();
                }
                if (countsBefore) {
                    position = next;
                }
                try {
                    if (!batch.isControl()) {
                        handling.handle(batch);
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

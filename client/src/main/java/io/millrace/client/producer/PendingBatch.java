package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.ProduceRequest;
import java.util.concurrent.CompletableFuture;

/**
 * A batch from the first record to the acknowledgement: delivery state and sequence.
 *
 * <p>Owner: the partition's monitor while open, then the one thread that finishes the batch, then
 * the I/O thread. {@code finished} marks the transfer to the I/O thread.
 */
final class PendingBatch {

    enum State {
        /** Waiting for its first or next attempt. */
        QUEUED,
        /** Sent; waiting for the response. */
        IN_FLIGHT,
        /** Failed with a retriable error; is sent again when no other batch is in flight. */
        TO_RETRY,
        /** Settled; its listeners are notified. */
        DONE
    }

    final PartitionQueue partition;
    final long createdNanos;
    private final DeliveryNotifier deliveries = new DeliveryNotifier();
    private BatchPayload payload;
    volatile boolean finished;

    State state = State.QUEUED;
    boolean stamped;
    int baseSequence;

    /** True if an attempt ended without response, so that the server may have stored the batch. */
    boolean maybeStored;

    private int count;
    private long reservedBytes;
    private int sizeBytes;

    PendingBatch(PartitionQueue partition, long createdNanos, BatchPayload payload) {
        this.partition = partition;
        this.createdNanos = createdNanos;
        this.payload = payload;
    }

    BatchPayload payload() {
        return payload;
    }

    int count() {
        return count;
    }

    /** Returns the bytes reserved in the producer's memory budget. */
    long reservedBytes() {
        return reservedBytes;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    void append(
            OutgoingRecord record, long timestampMs, int boundBytes, DeliveryListener listener) {
        payload.append(record, timestampMs);
        deliveries.addListener(listener, count);
        count++;
        reservedBytes += boundBytes;
        sizeBytes = payload.sizeBytes(reservedBytes);
    }

    void setEncoded(int records, int bytes, DeliveryListener listener) {
        deliveries.addListener(listener, 0);
        count = records;
        reservedBytes = bytes;
        sizeBytes = bytes;
    }

    /**
     * Encodes and compresses: the expensive part, which runs without a lock. If encoding fails, for
     * lack of memory or of a codec's library, the batch is still submitted and then fails.
     */
    void finish(CompressionCodec codec) {
        BatchPayload open = payload;
        try {
            open.seal(codec);
            sizeBytes = open.sizeBytes(reservedBytes);
        } catch (RuntimeException | Error fault) {
            payload = new BatchPayload.EncodingFailed(fault.toString());
            throw fault;
        } finally {
            // A batch that is never finished would block all later batches of its partition.
            finished = true;
        }
    }

    void stamp(ProducerIdentity identity, int sequence) {
        payload.stamp(identity, sequence);
        stamped = true;
        baseSequence = sequence;
    }

    ProduceRequest toRequest(boolean wantTiming) {
        ProduceRequest.Builder request =
                ProduceRequest.newBuilder()
                        .setTopic(partition.id.topic())
                        .setPartition(partition.id.partition())
                        .setIncludeTiming(wantTiming);
        payload.addTo(request);
        return request.build();
    }

    CompletableFuture<Void> whenSettled() {
        return deliveries.whenReported();
    }

    /** Returns an empty batch of the same partition, kind and age. */
    PendingBatch emptyCopy() {
        return new PendingBatch(partition, createdNanos, payload.emptyCopy(sizeBytes));
    }

    DeliveryListener listenerOf(int index) {
        return deliveries.listenerOf(index);
    }

    /** Hands the listeners over to two halves, which replace this batch. */
    void replacedBy(PendingBatch first, PendingBatch second) {
        done();
        deliveries.delegateTo(first.deliveries, second.deliveries);
    }

    void succeed(ProduceResult stored) {
        done();
        deliveries.stored(stored, count);
    }

    void fail(MillraceException failure) {
        done();
        deliveries.failed(failure, count);
    }

    private void done() {
        state = State.DONE;
        payload = new BatchPayload.SettledPayload();
    }
}

package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.ProduceRequest;
import java.util.concurrent.CompletableFuture;

/**
 * A batch from the first record to the acknowledgement.
 *
 * <p>Owner: the partition's monitor while open, then the thread that finishes the batch, then, once
 * {@code finished}, the I/O thread.
 */
final class PendingBatch {

    enum State {
        QUEUED,
        IN_FLIGHT,
        /** Failed with a retriable error; sent again when no other batch is in flight. */
        TO_RETRY,
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

    /** True if an attempt ended without response, so that the batch may be stored. */
    boolean maybeStored;

    private int count;
    private long reservedBytes;
    private int sizeBytes;
    private String traceparent = "";
    private long sentNanos;

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
        if (traceparent.isEmpty() && listener instanceof TracedDelivery traced) {
            traceparent = traced.traceparent();
        }
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
     * Encodes and compresses without a lock. If encoding fails, the batch is still submitted and
     * then fails.
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
            // An unfinished batch would block all later batches of its partition.
            finished = true;
        }
    }

    void stamp(ProducerIdAndEpoch producerId, int sequence) {
        payload.stamp(producerId, sequence);
        stamped = true;
        baseSequence = sequence;
    }

    ProduceRequest toRequest(boolean wantTiming) {
        ProduceRequest.Builder request =
                ProduceRequest.newBuilder()
                        .setTopic(partition.id.topic())
                        .setPartition(partition.id.partition())
                        .setIncludeTiming(wantTiming);
        if (!traceparent.isEmpty()) {
            request.setTraceparent(traceparent);
        }
        payload.addTo(request);
        return request.build();
    }

    /** Notes the time of the last attempt. */
    void sentAt(long nanos) {
        sentNanos = nanos;
    }

    /** Returns the time of the last attempt; valid once the batch was sent. */
    long sentNanos() {
        return sentNanos;
    }

    CompletableFuture<Void> whenSettled() {
        return deliveries.whenReported();
    }

    PendingBatch emptyCopy() {
        return new PendingBatch(partition, createdNanos, payload.emptyCopy(sizeBytes));
    }

    DeliveryListener listenerOf(int index) {
        return deliveries.listenerOf(index);
    }

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

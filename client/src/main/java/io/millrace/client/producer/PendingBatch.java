package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.ProduceRequest;
import java.util.concurrent.CompletableFuture;

/**
 * A batch from its first record to its last acknowledgement: where it is on its way, and which
 * numbers it has.
 *
 * <p>Owner: its partition's monitor while it is open, then the one thread that finishes it, then
 * the I/O thread. {@code finished} hands it to the latter.
 */
final class PendingBatch {

    /** Where a batch is on its way. */
    enum State {
        /** Waits to be sent, for the first time or again. */
        QUEUED,
        /** Waits for its answer. */
        IN_FLIGHT,
        /**
         * Was answered with a failure that is worth another attempt, once no other is in flight.
         */
        TO_RETRY,
        /** Its listeners know its fate. */
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

    /** Whether an attempt ended without answer, so that the server may have it. */
    boolean maybeStored;

    private int count;
    private long heldBytes;
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

    /** What it takes of the producer's memory budget. */
    long heldBytes() {
        return heldBytes;
    }

    /** Bytes that it takes in a request, roughly. */
    int sizeBytes() {
        return sizeBytes;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    void append(
            OutgoingRecord record, long timestampMs, int boundBytes, DeliveryListener listener) {
        payload.append(record, timestampMs);
        deliveries.subscribe(listener, count);
        count++;
        heldBytes += boundBytes;
        sizeBytes = payload.sizeBytes(heldBytes);
    }

    /** Makes a batch of bytes that were made elsewhere. */
    void fill(int records, int bytes, DeliveryListener listener) {
        deliveries.subscribe(listener, 0);
        count = records;
        heldBytes = bytes;
        sizeBytes = bytes;
    }

    /**
     * Packs and compresses: the part that costs, done without any lock. If that fails, for want of
     * memory or of a codec's library, the batch is handed over all the same, and fails.
     */
    void finish(CompressionCodec codec) {
        BatchPayload open = payload;
        try {
            open.seal(codec);
            sizeBytes = open.sizeBytes(heldBytes);
        } catch (RuntimeException | Error fault) {
            payload = new BatchPayload.Spoiled(fault.toString());
            throw fault;
        } finally {
            // A batch that is never finished would hold up all that come behind it.
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
        payload.putInto(request);
        return request.build();
    }

    /** Completes when its fate is decided. Only on the I/O thread. */
    CompletableFuture<Void> whenSettled() {
        return deliveries.whenReported();
    }

    /** A batch without records for the same partition, of the same kind and as old. */
    PendingBatch emptyLike() {
        return new PendingBatch(partition, createdNanos, payload.emptyLike(sizeBytes));
    }

    /** Who learns what becomes of the record at a place. */
    DeliveryListener listenerOf(int index) {
        return deliveries.listenerOf(index);
    }

    /** Hands its listeners over to two batches, whose fate decides its own. */
    void replacedBy(PendingBatch first, PendingBatch second) {
        done();
        deliveries.leftTo(first.deliveries, second.deliveries);
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
        payload = new BatchPayload.Gone();
    }
}

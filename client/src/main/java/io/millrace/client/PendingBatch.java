package io.millrace.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A batch from its first record to its last acknowledgement.
 *
 * <p>Owner: its partition's monitor while it is open, then the one thread that finishes it, then
 * the I/O thread. {@code finished} hands it to the latter.
 */
final class PendingBatch {

    /** What the batch is sent as. */
    sealed interface Payload {
        /** Records that are packed here. */
        record Packed(BatchWriter writer) implements Payload {}

        /** Records that the node packs. */
        record AsRecords(RecordSet.Builder records) implements Payload {}

        /** A batch that was made elsewhere. */
        record Ready(ByteString batch) implements Payload {}

        /** A batch whose fate is decided. */
        record Gone() implements Payload {}
    }

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

    /** A listener and the place of its record in the batch. */
    private record Subscription(DeliveryListener listener, int firstIndex) {}

    final PartitionQueue partition;
    final long createdNanos;
    Payload payload;
    volatile boolean finished;

    State state = State.QUEUED;
    boolean stamped;
    int baseSequence;
    int attempts;

    /** Whether an attempt ended without answer, so that the server may have it. */
    boolean maybeStored;

    private int count;
    private long heldBytes;
    private int sizeBytes;

    // Neighbouring records with the same listener share an entry.
    private final List<Subscription> subscriptions = new ArrayList<>();
    private @Nullable List<CompletableFuture<Void>> settled;

    PendingBatch(PartitionQueue partition, long createdNanos, Payload payload) {
        this.partition = partition;
        this.createdNanos = createdNanos;
        this.payload = payload;
    }

    int count() {
        return count;
    }

    long heldBytes() {
        return heldBytes;
    }

    /** Bytes that it takes in a request, roughly. */
    int sizeBytes() {
        return sizeBytes;
    }

    void append(
            OutgoingRecord record, long timestampMs, int boundBytes, DeliveryListener listener) {
        switch (payload) {
            case Payload.Packed(BatchWriter writer) -> {
                writer.append(record.key(), record.value(), record.headers(), timestampMs);
                sizeBytes = writer.sizeBytes();
            }
            case Payload.AsRecords(RecordSet.Builder records) -> {
                records.addRecords(toProto(record, timestampMs));
                sizeBytes += boundBytes;
            }
            case Payload.Ready ready -> throw new IllegalStateException("Nothing fits in");
            case Payload.Gone gone -> throw new IllegalStateException("It is gone");
        }
        subscribe(listener);
        count++;
        heldBytes += boundBytes;
    }

    /** Makes a batch of bytes that were made elsewhere. */
    void fill(int records, int bytes, DeliveryListener listener) {
        subscribe(listener);
        count = records;
        heldBytes = bytes;
        sizeBytes = bytes;
    }

    private void subscribe(DeliveryListener listener) {
        if (subscriptions.isEmpty() || subscriptions.getLast().listener() != listener) {
            subscriptions.add(new Subscription(listener, count));
        }
    }

    /** Packs and compresses: the part that costs, done without any lock. */
    void finish(Codec codec) {
        if (payload instanceof Payload.Packed(BatchWriter writer)) {
            writer.seal(codec);
            sizeBytes = writer.sizeBytes();
        }
        finished = true;
    }

    void stamp(long producerId, int producerEpoch, int sequence) {
        if (payload instanceof Payload.Packed(BatchWriter writer)) {
            writer.stamp(producerId, producerEpoch, sequence);
        }
        stamped = true;
        baseSequence = sequence;
    }

    ProduceRequest toRequest(boolean wantTiming) {
        ProduceRequest.Builder request =
                ProduceRequest.newBuilder()
                        .setTopic(partition.id.topic())
                        .setPartition(partition.id.partition())
                        .setWantTiming(wantTiming);
        switch (payload) {
            case Payload.Packed(BatchWriter writer) -> request.setBatch(writer.toByteString());
            case Payload.AsRecords(RecordSet.Builder records) -> request.setRecords(records);
            case Payload.Ready(ByteString batch) -> request.setBatch(batch);
            case Payload.Gone gone -> throw new IllegalStateException("Its fate is decided");
        }
        return request.build();
    }

    /** Completes when its fate is decided. Only on the I/O thread. */
    CompletableFuture<Void> whenSettled() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        if (state == State.DONE) {
            future.complete(null);
            return future;
        }
        if (settled == null) {
            settled = new ArrayList<>(1);
        }
        settled.add(future);
        return future;
    }

    /** A batch without records for the same partition, of the same kind and as old. */
    PendingBatch emptyLike() {
        return new PendingBatch(
                partition,
                createdNanos,
                payload instanceof Payload.AsRecords
                        ? new Payload.AsRecords(RecordSet.newBuilder())
                        : new Payload.Packed(new BatchWriter(sizeBytes)));
    }

    /** Who learns what becomes of the record at a place. */
    DeliveryListener listenerOf(int index) {
        int at = subscriptions.size() - 1;
        while (subscriptions.get(at).firstIndex() > index) {
            at--;
        }
        return subscriptions.get(at).listener();
    }

    /** Hands its listeners over to two batches, whose fate decides its own. */
    void replacedBy(PendingBatch first, PendingBatch second) {
        done();
        List<CompletableFuture<Void>> waiting = settled == null ? List.of() : settled;
        settled = null;
        settle();
        if (!waiting.isEmpty()) {
            CompletableFuture<Void> both =
                    CompletableFuture.allOf(first.whenSettled(), second.whenSettled());
            waiting.forEach(future -> both.thenRun(() -> future.complete(null)));
        }
    }

    void succeed(Stored stored) {
        done();
        for (int i = 0; i < subscriptions.size(); i++) {
            Subscription subscription = subscriptions.get(i);
            int to = i + 1 < subscriptions.size() ? subscriptions.get(i + 1).firstIndex() : count;
            for (int index = subscription.firstIndex(); index < to; index++) {
                subscription.listener().stored(stored, index);
            }
        }
        settle();
    }

    void fail(MillraceException failure) {
        done();
        for (int i = 0; i < subscriptions.size(); i++) {
            Subscription subscription = subscriptions.get(i);
            int to = i + 1 < subscriptions.size() ? subscriptions.get(i + 1).firstIndex() : count;
            for (int index = subscription.firstIndex(); index < to; index++) {
                subscription.listener().failed(failure);
            }
        }
        settle();
    }

    private void done() {
        state = State.DONE;
        payload = new Payload.Gone();
    }

    private void settle() {
        subscriptions.clear();
        if (settled != null) {
            settled.forEach(future -> future.complete(null));
            settled = null;
        }
    }

    private static Record toProto(OutgoingRecord record, long timestampMs) {
        Record.Builder proto = Record.newBuilder().setTimestampMs(timestampMs);
        byte[] key = record.key();
        if (key != null) {
            proto.setKey(UnsafeByteOperations.unsafeWrap(key));
        }
        byte[] value = record.value();
        if (value != null) {
            proto.setValue(UnsafeByteOperations.unsafeWrap(value));
        }
        for (RecordHeader header : record.headers()) {
            Header.Builder headerProto = Header.newBuilder().setKey(header.key());
            byte[] headerValue = header.value();
            if (headerValue != null) {
                headerProto.setValue(UnsafeByteOperations.unsafeWrap(headerValue));
            }
            proto.addHeaders(headerProto);
        }
        return proto.build();
    }
}

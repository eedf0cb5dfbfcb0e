package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.protocol.v1.ProduceStreamRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that have something to send, in the order of their turns: each gives one batch,
 * and then goes to the end. Fills messages from them. Owner: the I/O thread.
 */
final class ReadyPartitions {

    /** A message of some batches, each the next one of its partition. */
    record Message(ProduceStreamRequest.Builder request, List<PendingBatch> batches) {}

    /** A message is full with this, and has at most twice as much but for one large batch. */
    private static final int MESSAGE_BYTES = 1024 * 1024;

    private final boolean wantTiming;
    private final Consumer<PartitionQueue> identitySource;
    private final BiConsumer<PendingBatch, MillraceException> unsendable;
    private final ArrayDeque<PartitionQueue> turns = new ArrayDeque<>();
    private final Set<PartitionQueue> beingPacked = new HashSet<>();

    /**
     * @param identitySource gets an identity for a partition, which it then offers again; perhaps
     *     at once
     * @param unsendable what to do with a batch that must not be sent, which has left its lane
     */
    ReadyPartitions(
            boolean wantTiming,
            Consumer<PartitionQueue> identitySource,
            BiConsumer<PendingBatch, MillraceException> unsendable) {
        this.wantTiming = wantTiming;
        this.identitySource = identitySource;
        this.unsendable = unsendable;
    }

    /** Gives a partition a turn, if it may send and has none. */
    void offer(PartitionQueue partition) {
        // It may get its turn on the way, when an identity is there at once.
        if (!partition.hasTurn && maySend(partition) && !partition.hasTurn) {
            partition.hasTurn = true;
            turns.add(partition);
        }
    }

    /** Whether none has a turn. */
    boolean isEmpty() {
        return turns.isEmpty();
    }

    /** Gives back the partitions whose first batch was not packed yet, to be offered again. */
    List<PartitionQueue> takeUnpacked() {
        if (beingPacked.isEmpty()) {
            return List.of();
        }
        List<PartitionQueue> again = List.copyOf(beingPacked);
        beingPacked.clear();
        return again;
    }

    /** Gives back all partitions, to be offered again, here or elsewhere. */
    List<PartitionQueue> takeAll() {
        List<PartitionQueue> all = new ArrayList<>(turns);
        all.forEach(partition -> partition.hasTurn = false);
        turns.clear();
        all.addAll(takeUnpacked());
        return all;
    }

    /** The next message, whose batches are in flight from now on; null if there is none. */
    @Nullable Message fill() {
        Message message = new Message(ProduceStreamRequest.newBuilder(), new ArrayList<>());
        int bytes = 0;
        while (!turns.isEmpty() && bytes < MESSAGE_BYTES) {
            PartitionQueue partition = turns.remove();
            partition.hasTurn = false;
            PendingBatch first = maySend(partition) ? partition.lane.first() : null;
            if (first == null) {
                continue;
            }
            MillraceException hopeless = RetryDecision.beforeSending(first);
            if (hopeless != null) {
                // A message that is too large would cost the stream, and with it every other batch.
                partition.lane.abort(first);
                unsendable.accept(first, hopeless);
            } else if (bytes > 0 && bytes + first.sizeBytes() > 2 * MESSAGE_BYTES) {
                partition.hasTurn = true;
                turns.addFirst(partition);
                break;
            } else {
                PendingBatch batch = partition.lane.take();
                bytes += batch.sizeBytes();
                message.request().addRequests(batch.toRequest(wantTiming));
                message.batches().add(batch);
            }
            offer(partition);
        }
        return message.batches().isEmpty() ? null : message;
    }

    private boolean maySend(PartitionQueue partition) {
        if (partition.backingOff) {
            return false;
        }
        SequencedPartition.Next next = partition.lane.next();
        if (next == SequencedPartition.Next.IDENTITY && !partition.awaitsIdentity) {
            identitySource.accept(partition);
            next = partition.lane.next();
        }
        if (next == SequencedPartition.Next.FINISHED_BATCH) {
            beingPacked.add(partition);
        }
        return next == SequencedPartition.Next.SENDER;
    }
}

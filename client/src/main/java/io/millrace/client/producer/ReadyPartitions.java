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
 * A round-robin queue of partitions with batches to send; each partition contributes one batch in
 * turn. Owner: the I/O thread.
 */
final class ReadyPartitions {

    record Message(ProduceStreamRequest.Builder request, List<PendingBatch> batches) {}

    /** The target size of a message. Only a single larger batch exceeds twice this size. */
    private static final int TARGET_MESSAGE_BYTES = 1024 * 1024;

    private final boolean wantTiming;
    private final Consumer<PartitionQueue> producerIdSource;
    private final BiConsumer<PendingBatch, MillraceException> unsendable;
    private final ArrayDeque<PartitionQueue> queue = new ArrayDeque<>();
    private final Set<PartitionQueue> unfinished = new HashSet<>();

    /**
     * @param producerIdSource allocates a partition's producer id and offers the partition again,
     *     possibly before returning
     * @param unsendable receives a batch that must not be sent and was removed from the partition
     */
    ReadyPartitions(
            boolean wantTiming,
            Consumer<PartitionQueue> producerIdSource,
            BiConsumer<PendingBatch, MillraceException> unsendable) {
        this.wantTiming = wantTiming;
        this.producerIdSource = producerIdSource;
        this.unsendable = unsendable;
    }

    void offer(PartitionQueue partition) {
        // Checked twice, because maySend queues the partition itself if a producer id is
        // available at once.
        if (!partition.queued && maySend(partition) && !partition.queued) {
            partition.queued = true;
            queue.add(partition);
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Removes the partitions with a formerly unfinished first batch. */
    List<PartitionQueue> takeUnfinished() {
        if (unfinished.isEmpty()) {
            return List.of();
        }
        List<PartitionQueue> again = List.copyOf(unfinished);
        unfinished.clear();
        return again;
    }

    List<PartitionQueue> takeAll() {
        List<PartitionQueue> all = new ArrayList<>(queue);
        all.forEach(partition -> partition.queued = false);
        queue.clear();
        all.addAll(takeUnfinished());
        return all;
    }

    /**
     * Returns the next message and marks its batches as in flight; null without a batch to send.
     */
    @Nullable Message nextMessage() {
        Message message = new Message(ProduceStreamRequest.newBuilder(), new ArrayList<>());
        int bytes = 0;
        while (!queue.isEmpty() && bytes < TARGET_MESSAGE_BYTES) {
            PartitionQueue partition = queue.remove();
            partition.queued = false;
            PendingBatch first = maySend(partition) ? partition.sequenced.first() : null;
            if (first == null) {
                continue;
            }
            MillraceException hopeless = RetryDecision.beforeSending(first);
            if (hopeless != null) {
                // A message that is too large would break the stream and fail all its batches.
                partition.sequenced.abort(first);
                unsendable.accept(first, hopeless);
            } else if (bytes > 0 && bytes + first.sizeBytes() > 2 * TARGET_MESSAGE_BYTES) {
                partition.queued = true;
                queue.addFirst(partition);
                break;
            } else {
                PendingBatch batch = partition.sequenced.take();
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
        SequencedPartition.NextAction next = partition.sequenced.next();
        if (next == SequencedPartition.NextAction.ALLOCATE_PRODUCER_ID
                && !partition.awaitsProducerId) {
            producerIdSource.accept(partition);
            next = partition.sequenced.next();
        }
        if (next == SequencedPartition.NextAction.AWAIT_ENCODING) {
            unfinished.add(partition);
        }
        return next == SequencedPartition.NextAction.SEND;
    }
}

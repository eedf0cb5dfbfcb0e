package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import io.millrace.protocol.v1.Batches;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Buffers received batches within the granted credit. Discards unwanted batches, and pauses
 * partitions with slow handlers before they fill the buffer of all partitions. Owner: the I/O
 * thread.
 */
final class ReceiveBuffer {

    private final long capacityBytes;
    private final CreditWindow credit;
    private final PartitionMessages messages;
    private final Map<TopicPartition, AssignedPartitionState> held;

    /**
     * @param capacityBytes the capacity shared by all partitions
     * @param held the assigned partitions
     */
    ReceiveBuffer(
            long capacityBytes,
            CreditWindow credit,
            PartitionMessages messages,
            Map<TopicPartition, AssignedPartitionState> held) {
        this.capacityBytes = capacityBytes;
        this.credit = credit;
        this.messages = messages;
        this.held = held;
    }

    /**
     * Buffers received batches, or discards them if unwanted.
     *
     * @throws MillraceException.Corrupt if the bytes are not batches
     */
    void arrived(TopicPartition id, Batches message, long nowNanos) {
        ByteBuffer bytes = FetchedBytes.of(message.getBatches());
        if (!bytes.hasRemaining()) {
            return;
        }
        OptionalLong end = FetchedBytes.endOffset(bytes);
        if (end.isEmpty()) {
            String what = "The server sent invalid batches for %s.";
            throw new MillraceException.Corrupt(what.formatted(id));
        }
        AssignedPartitionState holding = held.get(id);
        if (holding == null) {
            long records = FetchedBytes.recordsFrom(bytes, 0);
            credit.arrived(bytes.limit(), records);
            credit.freed(bytes.limit(), records);
            return;
        }
        long records = holding.cost(bytes, end.getAsLong());
        credit.arrived(bytes.limit(), records);
        if (holding.take(bytes, end.getAsLong(), records, message.getHighWatermark()) == null) {
            credit.freed(bytes.limit(), records);
        } else if (!holding.heldBack && held.size() > 1 && holding.heldBytes() > share()) {
            holding.heldBack = true;
            messages.pause(id, false, nowNanos);
        }
    }

    private long share() {
        return capacityBytes / (2L * Math.max(1, held.size()));
    }

    void freed(ReceivedBatches chunk) {
        credit.freed(chunk.sizeBytes(), chunk.records());
    }

    /** Releases the buffered batches of a partition that moves or ends. */
    void drop(AssignedPartitionState holding) {
        holding.drop().forEach(this::freed);
    }

    /** Resumes a partition after its handler has caught up. */
    void relieve(AssignedPartitionState holding, long nowNanos) {
        if (holding.heldBack && holding.heldBytes() <= share() / 2) {
            holding.heldBack = false;
            messages.resume(holding, nowNanos);
        }
    }
}

package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import io.millrace.protocol.v1.Batches;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What comes of partitions, within the credit: takes it or not, lets go of it, and has partitions
 * stopped whose handlers are slow, before they have taken the room of the others. Owner: the I/O
 * thread.
 */
final class ReceiveBuffer {

    private final long capacityBytes;
    private final CreditWindow credit;
    private final PartitionMessages messages;
    private final Map<TopicPartition, AssignedPartitionState> held;

    /**
     * @param capacityBytes that all partitions together may hold
     * @param held the partitions
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
     * Takes what came, if it is wanted.
     *
     * @throws MillraceException.Corrupt if it is no batches
     */
    void arrived(TopicPartition id, Batches message, long nowNanos) {
        ByteBuffer bytes = FetchedBytes.of(message.getBatches());
        if (!bytes.hasRemaining()) {
            return;
        }
        OptionalLong end = FetchedBytes.endOffset(bytes);
        if (end.isEmpty()) {
            String what = "The server sent something that is no batch for %s.";
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

    /** Bytes that one partition may hold before it must leave the rest to others. */
    private long share() {
        return capacityBytes / (2L * Math.max(1, held.size()));
    }

    /** Lets go of what a handler has returned. */
    void freed(ReceivedBatches chunk) {
        credit.freed(chunk.sizeBytes(), chunk.records());
    }

    /** Lets go of what waits in a partition: it goes on elsewhere, or not at all. */
    void drop(AssignedPartitionState holding) {
        holding.drop().forEach(this::freed);
    }

    /** Lets a partition go on whose handler has caught up. */
    void relieve(AssignedPartitionState holding, long nowNanos) {
        if (holding.heldBack && holding.heldBytes() <= share() / 2) {
            holding.heldBack = false;
            messages.resume(holding, nowNanos);
        }
    }
}

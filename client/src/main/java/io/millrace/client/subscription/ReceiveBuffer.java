package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import io.millrace.protocol.v1.Batches;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Buffers received batches within the granted credit. Pauses partitions with slow handlers before
 * they fill the buffer of all partitions. Owner: the I/O thread.
 */
final class ReceiveBuffer {

    private final long capacityBytes;
    private final CreditWindow credit;
    private final PartitionMessages messages;
    private final Map<TopicPartition, AssignedPartitionState> held;

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
     * @throws MillraceException.Corrupt if the bytes are not batches
     */
    void received(TopicPartition id, Batches message, long nowNanos) {
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
            credit.received(bytes.limit(), records);
            credit.freed(bytes.limit(), records);
            return;
        }
        long records = holding.creditCost(bytes, end.getAsLong());
        credit.received(bytes.limit(), records);
        if (holding.buffer(bytes, end.getAsLong(), records, message.getHighWatermark()) == null) {
            credit.freed(bytes.limit(), records);
        } else if (!holding.throttled
                && held.size() > 1
                && holding.heldBytes() > partitionLimit()) {
            holding.throttled = true;
            messages.pause(id, false, nowNanos);
        }
    }

    private long partitionLimit() {
        return capacityBytes / (2L * Math.max(1, held.size()));
    }

    void release(ReceivedBatches chunk) {
        credit.freed(chunk.sizeBytes(), chunk.records());
    }

    void drop(AssignedPartitionState holding) {
        holding.drop().forEach(this::release);
    }

    void resumeIfDrained(AssignedPartitionState holding, long nowNanos) {
        if (holding.throttled && holding.heldBytes() <= partitionLimit() / 2) {
            holding.throttled = false;
            messages.resume(holding, nowNanos);
        }
    }
}

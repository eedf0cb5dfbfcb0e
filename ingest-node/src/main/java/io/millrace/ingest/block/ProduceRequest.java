package io.millrace.ingest.block;

import com.google.protobuf.ByteString;

/**
 * A produce request as received.
 *
 * @param acceptedNanos on the event loop's clock
 * @param payload a batch, or the bytes of a {@code millrace.v1.RecordSet} if {@code packed}; unless
 *     copied, valid only during the call that delivered it
 */
public record ProduceRequest(
        long connection,
        String topic,
        int partition,
        ByteString payload,
        boolean packed,
        long acceptedNanos,
        ProduceReply reply) {

    PendingAck pendingAck(int recordCount) {
        return new PendingAck(connection, recordCount, acceptedNanos, reply);
    }

    public ProduceRequest withPayload(ByteString other) {
        return new ProduceRequest(
                connection, topic, partition, other, packed, acceptedNanos, reply);
    }
}

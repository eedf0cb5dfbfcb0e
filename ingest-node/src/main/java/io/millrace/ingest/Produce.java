package io.millrace.ingest;

import com.google.protobuf.ByteString;

/**
 * A produce as it came.
 *
 * @param acceptedNanos when it came, on the loop's clock
 * @param payload a batch, or the bytes of a {@code millrace.v1.RecordSet} if {@code packed}; not
 *     necessarily valid after the call that brought it
 */
record Produce(
        long connection,
        String topic,
        int partition,
        ByteString payload,
        boolean packed,
        long acceptedNanos,
        ProduceReply reply) {

    Waiter waiter(int recordCount) {
        return new Waiter(connection, recordCount, acceptedNanos, reply);
    }

    Produce withPayload(ByteString other) {
        return new Produce(connection, topic, partition, other, packed, acceptedNanos, reply);
    }
}

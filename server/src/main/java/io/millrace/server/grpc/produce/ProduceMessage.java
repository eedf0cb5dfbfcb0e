package io.millrace.server.grpc.produce;

import com.google.protobuf.ByteString;

/**
 * A {@code millrace.v1.ProduceRequest} whose payload was not looked into.
 *
 * @param payload may alias the transport's buffers: valid until {@code onMessage} returns
 */
record ProduceMessage(
        String topic, int partition, Payload kind, ByteString payload, boolean wantTiming) {

    /** What the payload is. */
    enum Payload {
        /** Neither was set. */
        NONE,
        /** A ready-made RecordBatch. */
        BATCH,
        /** The bytes of a {@code millrace.v1.RecordSet}. */
        RECORDS
    }

    /** The same with bytes of its own. */
    ProduceMessage detached() {
        return new ProduceMessage(
                topic,
                partition,
                kind,
                ByteString.copyFrom(payload.asReadOnlyByteBuffer()),
                wantTiming);
    }
}

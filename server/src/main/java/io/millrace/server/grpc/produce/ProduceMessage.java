package io.millrace.server.grpc.produce;

import com.google.protobuf.ByteString;

/**
 * A {@code millrace.v1.ProduceRequest} with an unparsed payload.
 *
 * @param payload the payload; if it aliases the transport's buffers, valid until {@code onMessage}
 *     returns
 * @param traceparent the unchecked trace context; empty if there is none
 */
record ProduceMessage(
        String topic,
        int partition,
        Payload kind,
        ByteString payload,
        boolean wantTiming,
        String traceparent) {

    enum Payload {
        NONE,
        /** An encoded RecordBatch. */
        BATCH,
        /** The bytes of a {@code millrace.v1.RecordSet}. */
        RECORDS
    }

    long sizeBytes() {
        return payload.size();
    }

    /** Returns a copy that does not alias the transport's buffers. */
    ProduceMessage detached() {
        return new ProduceMessage(
                topic,
                partition,
                kind,
                ByteString.copyFrom(payload.asReadOnlyByteBuffer()),
                wantTiming,
                traceparent);
    }
}

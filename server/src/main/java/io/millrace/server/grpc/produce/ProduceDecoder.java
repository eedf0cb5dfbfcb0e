package io.millrace.server.grpc.produce;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.runtime.trace.TraceContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A hand-written decoder of produce requests. Payloads alias the given bytes and are not parsed.
 * Unknown fields are skipped.
 */
final class ProduceDecoder {

    private static final int VARINT = WireFormat.WIRETYPE_VARINT;
    private static final int BYTES = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private static final int TOPIC = tag(ProduceRequest.TOPIC_FIELD_NUMBER, BYTES);
    private static final int PARTITION = tag(ProduceRequest.PARTITION_FIELD_NUMBER, VARINT);
    private static final int BATCH = tag(ProduceRequest.BATCH_FIELD_NUMBER, BYTES);
    private static final int RECORDS = tag(ProduceRequest.RECORDS_FIELD_NUMBER, BYTES);
    private static final int WANT_TIMING = tag(ProduceRequest.INCLUDE_TIMING_FIELD_NUMBER, VARINT);
    private static final int TRACEPARENT = tag(ProduceRequest.TRACEPARENT_FIELD_NUMBER, BYTES);

    private static final int CORRELATION_ID =
            tag(ProduceStreamRequest.CORRELATION_ID_FIELD_NUMBER, VARINT);
    private static final int REQUESTS = tag(ProduceStreamRequest.REQUESTS_FIELD_NUMBER, BYTES);

    /** Maximum number of requests in a message of a stream. */
    static final int MAX_REQUESTS = 10_000;

    /** Maximum number of record sets that one request merges. */
    private static final int MAX_MERGED_SETS = 1_000;

    private ProduceDecoder() {}

    static ProduceMessage request(ByteString bytes) throws IOException {
        return request(aliasing(bytes));
    }

    static ProduceStreamMessage streamRequest(ByteString bytes) throws IOException {
        CodedInputStream in = aliasing(bytes);
        long correlationId = 0;
        List<ProduceMessage> requests = new ArrayList<>(1);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == CORRELATION_ID) {
                correlationId = in.readInt64();
            } else if (tag == REQUESTS) {
                if (requests.size() == MAX_REQUESTS) {
                    throw tooMany("requests", MAX_REQUESTS);
                }
                int outer = in.pushLimit(in.readRawVarint32());
                requests.add(request(in));
                in.popLimit(outer);
            } else {
                skip(in, tag);
            }
        }
        return new ProduceStreamMessage(correlationId, requests);
    }

    private static ProduceMessage request(CodedInputStream in) throws IOException {
        String topic = "";
        int partition = 0;
        ProduceMessage.Payload kind = ProduceMessage.Payload.NONE;
        ByteString payload = ByteString.EMPTY;
        boolean wantTiming = false;
        String traceparent = "";
        int sets = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == TOPIC) {
                topic = topic(in.readBytes());
            } else if (tag == PARTITION) {
                partition = in.readInt32();
            } else if (tag == BATCH) {
                kind = ProduceMessage.Payload.BATCH;
                payload = in.readBytes();
            } else if (tag == RECORDS) {
                if (++sets > MAX_MERGED_SETS) {
                    throw tooMany("record sets", MAX_MERGED_SETS);
                }
                // Repeated message fields are merged. For RecordSet, merging is concatenation.
                ByteString before =
                        kind == ProduceMessage.Payload.RECORDS ? payload : ByteString.EMPTY;
                kind = ProduceMessage.Payload.RECORDS;
                payload = before.concat(in.readBytes());
            } else if (tag == WANT_TIMING) {
                wantTiming = in.readBool();
            } else if (tag == TRACEPARENT) {
                traceparent = traceparent(in.readBytes());
            } else {
                skip(in, tag);
            }
        }
        return new ProduceMessage(topic, partition, kind, payload, wantTiming, traceparent);
    }

    /** Returns the name. A longer name than the limit is cut off after one more character. */
    private static String topic(ByteString name) throws IOException {
        if (name.size() > TopicName.MAX_CHARS) {
            // Every character of a legal name has one byte.
            return name.substring(0, TopicName.MAX_CHARS).toStringUtf8() + "…";
        }
        if (!name.isValidUtf8()) {
            throw new InvalidProtocolBufferException("topic is not UTF-8.");
        }
        return name.toStringUtf8();
    }

    /** Returns the text if it has the length of a trace context; otherwise an empty text. */
    private static String traceparent(ByteString text) {
        return text.size() == TraceContext.LENGTH ? text.toStringUtf8() : "";
    }

    private static ProblemException tooMany(String what, int limit) {
        return new ProblemException(
                new Problem(
                        Reason.TOO_LARGE,
                        "The message has more than %,d %s: send several messages."
                                .formatted(limit, what)));
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new InvalidProtocolBufferException("a group end without a group start.");
        }
    }

    private static CodedInputStream aliasing(ByteString bytes) {
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        return in;
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }
}

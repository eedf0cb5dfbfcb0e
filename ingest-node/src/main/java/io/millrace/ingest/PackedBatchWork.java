package io.millrace.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Records of one partition, of any number of producers, that become one compressed batch. Takes
 * records on the node's loop until its block is sealed; then belongs to whoever runs it.
 */
final class PackedBatchWork implements BatchWork {

    /** Larger batches compress no better, and cost a reader of one record more. */
    private static final int TARGET_BYTES = 1024 * 1024;

    private final Topic topic;
    private final List<Record> records = new ArrayList<>();
    private final List<Long> arrivalMs = new ArrayList<>();
    private int sizeBytes;

    PackedBatchWork(Topic topic) {
        this.topic = topic;
    }

    /** Reads the bytes of a {@code RecordSet}, which are copied. */
    static RecordSet read(ByteString payload) throws InvalidProtocolBufferException {
        return RecordSet.parseFrom(payload);
    }

    /** Whether records may be stored in this topic. */
    static BatchVerdict check(RecordSet set, Topic topic, long nowMs) {
        if (set.getRecordsCount() == 0) {
            return refused(
                    Reason.MALFORMED_REQUEST, "There is no record in it; send at least one.");
        }
        long latest =
                topic.settings().logAppendTime()
                        ? Long.MAX_VALUE
                        : nowMs
                                + Math.min(
                                        topic.settings().timestampAheadMaxMs(),
                                        Long.MAX_VALUE - nowMs);
        for (Record record : set.getRecordsList()) {
            if (topic.settings().compacted() && !record.hasKey()) {
                return refused(
                        Reason.NULL_KEY,
                        "The topic is compacted, but a record has no key; give every record one.");
            }
            if (record.getTimestampMs() < 0) {
                return refused(
                        Reason.MALFORMED_REQUEST,
                        "A record's timestamp is negative; give milliseconds since 1970.");
            }
            if (record.getTimestampMs() > latest) {
                return refused(
                        Reason.TIMESTAMP_TOO_FAR_AHEAD,
                        "A record's timestamp is %d ms ahead of the node's clock; check the producer's clock."
                                .formatted(record.getTimestampMs() - nowMs));
            }
        }
        return BatchVerdict.ACCEPTABLE;
    }

    /** Whether so many more bytes should go into this batch. */
    boolean hasRoomFor(int bytes) {
        return sizeBytes == 0
                || sizeBytes + (long) bytes
                        <= Math.min(TARGET_BYTES, topic.settings().maxMessageBytes());
    }

    /** Takes checked records. */
    void add(RecordSet set, int bytes, long nowMs) {
        for (Record record : set.getRecordsList()) {
            records.add(record);
            arrivalMs.add(nowMs);
        }
        sizeBytes += bytes;
    }

    @Override
    public Result run() {
        ByteBufferOutputStream out = new ByteBufferOutputStream(sizeBytes / 2 + 512);
        Compression compression =
                Compression.of(ReadyBatchWork.typeOf(topic.settings().compression())).build();
        try (MemoryRecordsBuilder builder = builder(out, compression)) {
            for (int i = 0; i < records.size(); i++) {
                Record record = records.get(i);
                long timestampMs =
                        record.getTimestampMs() == 0 ? arrivalMs.get(i) : record.getTimestampMs();
                builder.append(timestampMs, key(record), value(record), headers(record));
            }
            ByteBuffer built = builder.build().buffer();
            byte[] bytes = new byte[built.remaining()];
            built.get(bytes);
            return new Result.Done(new Slice(bytes, 0, bytes.length));
        }
    }

    private static MemoryRecordsBuilder builder(
            ByteBufferOutputStream out, Compression compression) {
        return new MemoryRecordsBuilder(
                out,
                RecordBatch.MAGIC_VALUE_V2,
                compression,
                TimestampType.CREATE_TIME,
                0L,
                RecordBatch.NO_TIMESTAMP,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                Integer.MAX_VALUE);
    }

    private static @Nullable ByteBuffer key(Record record) {
        return record.hasKey() ? record.getKey().asReadOnlyByteBuffer() : null;
    }

    private static @Nullable ByteBuffer value(Record record) {
        return record.hasValue() ? record.getValue().asReadOnlyByteBuffer() : null;
    }

    private static Header[] headers(Record record) {
        Header[] headers = new Header[record.getHeadersCount()];
        for (int i = 0; i < headers.length; i++) {
            io.millrace.protocol.v1.Header header = record.getHeaders(i);
            headers[i] =
                    new RecordHeader(
                            header.getKey(),
                            header.hasValue() ? header.getValue().toByteArray() : null);
        }
        return headers;
    }

    private static BatchVerdict refused(Reason reason, String message) {
        return new BatchVerdict.Refused(new Problem(reason, message));
    }
}

package io.millrace.ingest.pack;

import com.google.protobuf.ByteString;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.RecordWriter;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/**
 * The records of one partition, from many requests, that become one batch. Transcodes {@code
 * millrace.v1.RecordSet} into Kafka's encoding without an object per record.
 *
 * <p>Owned by one thread at a time. The bound is {@code targetBytes}, or one set of at most the
 * topic's {@code max.message.bytes}; beyond, appends return {@link PackOutcome.Full}.
 */
public final class PendingRecords {

    private static final int RECORD = 1 << 3 | 2;
    private static final int FIRST_BYTES = 4096;

    private final int targetBytes;
    private final RecordWriter out = new RecordWriter(FIRST_BYTES);
    private final RecordFields fields = new RecordFields();
    private int count;
    private long baseTimestampMs;
    private long maxTimestampMs;

    /**
     * @param targetBytes the size of the batch, uncompressed, with header
     */
    public PendingRecords(int targetBytes) {
        this.targetBytes = targetBytes;
    }

    /**
     * Appends all records of a set or none.
     *
     * @param recordSet not kept
     * @param nowMs milliseconds since 1970, which dates records without a timestamp
     */
    public PackOutcome append(ByteString recordSet, long nowMs, TopicSettings settings) {
        int endBefore = out.end();
        int countBefore = count;
        long maxBefore = maxTimestampMs;
        PackOutcome result;
        try {
            result = transcode(WireCursor.over(recordSet), nowMs, settings);
        } catch (WireCursor.Malformed malformed) {
            result =
                    rejected(
                            Reason.MALFORMED_REQUEST,
                            "The records are not the wire bytes of a millrace.v1.RecordSet: %s."
                                    .formatted(malformed.getMessage()));
        }
        if (!(result instanceof PackOutcome.Added)) {
            out.truncate(endBefore);
            count = countBefore;
            maxTimestampMs = maxBefore;
        }
        return result;
    }

    private PackOutcome transcode(WireCursor wire, long nowMs, TopicSettings settings) {
        int first = count;
        int limit =
                first == 0
                        ? settings.maxMessageBytes()
                        : Math.min(targetBytes, settings.maxMessageBytes());
        int end = wire.end();
        while (!wire.atEnd()) {
            int tag = wire.readTag();
            if (tag != RECORD) {
                wire.skipField(tag);
                continue;
            }
            int recordBytes = wire.readLength();
            int from = wire.at();
            int recordEnd = from + recordBytes;
            wire.moveTo(from, recordEnd);
            fields.scan(wire);
            Optional<Problem> problem = problemOf(fields, count - first, nowMs, settings);
            if (problem.isPresent()) {
                return new PackOutcome.Rejected(problem.get());
            }
            // Checked before the write, so that a set beyond the limit does not grow the array.
            int bodyBytes = bodyBytes(nowMs);
            if ((long) out.end() + RecordWriter.varintBytes(bodyBytes) + bodyBytes > limit) {
                return first > 0 ? new PackOutcome.Full() : tooLarge(limit);
            }
            write(wire, from, recordEnd, bodyBytes);
            wire.moveTo(recordEnd, end);
        }
        if (count == first) {
            return rejected(Reason.MALFORMED_REQUEST, "The set has no records; send at least one.");
        }
        return new PackOutcome.Added(first, count - first);
    }

    private static Optional<Problem> problemOf(
            RecordFields record, int index, long nowMs, TopicSettings settings) {
        if (settings.compacted() && record.keyLength < 0) {
            return problem(
                    Reason.NULL_KEY,
                    "Record %d of the set has no key, which a compacted topic needs; set one."
                            .formatted(index));
        }
        if (record.timestampMs < 0) {
            return problem(
                    Reason.MALFORMED_REQUEST,
                    "Record %d of the set has the timestamp %d; set milliseconds since 1970, or 0 for the node's time."
                            .formatted(index, record.timestampMs));
        }
        if (!settings.logAppendTime()
                && record.timestampMs > nowMs
                && record.timestampMs - nowMs > settings.timestampAheadMaxMs()) {
            return problem(
                    Reason.TIMESTAMP_TOO_FAR_AHEAD,
                    "Record %d of the set has the timestamp %d, %d ms ahead of the node's clock; the topic's message.timestamp.after.max.ms allows %d: check the producer's clock."
                            .formatted(
                                    index,
                                    record.timestampMs,
                                    record.timestampMs - nowMs,
                                    settings.timestampAheadMaxMs()));
        }
        return Optional.empty();
    }

    private static Optional<Problem> problem(Reason reason, String message) {
        return Optional.of(new Problem(reason, message));
    }

    /**
     * Sets a missing timestamp and returns the record's size in Kafka's encoding without the
     * length.
     */
    private int bodyBytes(long nowMs) {
        if (fields.timestampMs == 0) {
            fields.timestampMs = nowMs;
        }
        if (count == 0) {
            baseTimestampMs = fields.timestampMs;
            maxTimestampMs = fields.timestampMs;
        }
        return RecordWriter.startBytes(fields.timestampMs - baseTimestampMs, count)
                + RecordWriter.nullableBytes(fields.keyLength)
                + RecordWriter.nullableBytes(fields.valueLength)
                + RecordWriter.varintBytes(fields.headerCount)
                + fields.headerBytes;
    }

    private void write(WireCursor wire, int recordAt, int recordEnd, int bodyBytes) {
        out.startRecord(bodyBytes, fields.timestampMs - baseTimestampMs, count);
        out.writeNullable(wire.array(), fields.keyAt, fields.keyLength);
        out.writeNullable(wire.array(), fields.valueAt, fields.valueLength);
        out.writeVarint(fields.headerCount);
        if (fields.headerCount > 0) {
            RecordFields.writeHeaders(wire, recordAt, recordEnd, out);
        }
        maxTimestampMs = Math.max(maxTimestampMs, fields.timestampMs);
        count++;
    }

    private static PackOutcome tooLarge(int limit) {
        return rejected(
                Reason.TOO_LARGE,
                "The records take more than the %d bytes that the topic's max.message.bytes allows; send fewer at once or raise the setting."
                        .formatted(limit));
    }

    private static PackOutcome rejected(Reason reason, String message) {
        return new PackOutcome.Rejected(new Problem(reason, message));
    }

    public int count() {
        return count;
    }

    /** Returns the size of the batch, uncompressed, with header. */
    public int batchBytes() {
        return out.end();
    }

    public int memoryBytes() {
        return out.array().length;
    }

    public long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** Returns the timestamp of the first record. */
    long baseTimestampMs() {
        return baseTimestampMs;
    }

    /**
     * Returns the array: {@link BatchHeader#BYTES} bytes of room, then records up to {@link
     * #batchBytes}.
     */
    byte[] array() {
        return out.array();
    }
}

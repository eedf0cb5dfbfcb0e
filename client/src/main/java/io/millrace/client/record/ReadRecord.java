package io.millrace.client.record;

import io.millrace.client.partition.TopicPartition;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that was read.
 *
 * @param partition its topic and partition
 * @param offset its place there
 * @param timestampMs when the event happened, or when it was appended where the topic says so, in
 *     milliseconds since 1970-01-01T00:00:00Z
 * @param key null means that there is none; shares the batch's memory, and may be kept
 * @param value null means a tombstone in a compacted topic; likewise
 * @param headers in order
 */
public record ReadRecord(
        TopicPartition partition,
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {}

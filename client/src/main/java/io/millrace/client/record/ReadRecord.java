package io.millrace.client.record;

import io.millrace.client.partition.TopicPartition;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that was read.
 *
 * @param partition the topic and partition
 * @param offset the offset in the partition
 * @param timestampMs the time of the event or, if the topic is configured so, of the append, in
 *     milliseconds since 1970-01-01T00:00:00Z
 * @param key the key, null if there is none; shares the batch's memory and may be retained
 * @param value the value, null for a tombstone in a compacted topic; shares the batch's memory and
 *     may be retained
 * @param headers the headers, in order
 */
public record ReadRecord(
        TopicPartition partition,
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {}

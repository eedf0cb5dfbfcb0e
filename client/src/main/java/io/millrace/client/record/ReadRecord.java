package io.millrace.client.record;

import io.millrace.client.partition.TopicPartition;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that was read. Key and value may be retained, but share the memory of the whole
 * response, up to 64 MiB: copy them to retain few records for long.
 *
 * @param timestampMs the time of the event or, if the topic is configured so, of the append, in
 *     milliseconds since 1970-01-01T00:00:00Z
 * @param value the value; null is a tombstone in a compacted topic
 */
public record ReadRecord(
        TopicPartition partition,
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {}

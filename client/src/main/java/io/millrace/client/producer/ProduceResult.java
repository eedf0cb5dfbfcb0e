package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.ProduceTiming;
import org.jspecify.annotations.Nullable;

/**
 * The result of a stored record.
 *
 * @param offset the offset, or {@link #UNKNOWN_OFFSET}
 * @param appendTimeMs the time of sealing the block, in milliseconds since 1970-01-01T00:00:00Z
 * @param duplicate true if an earlier attempt stored the record
 * @param timing the durations of the steps, with {@link ProducerSettings#wantTiming}
 */
public record ProduceResult(
        TopicPartition partition,
        long offset,
        long appendTimeMs,
        boolean duplicate,
        @Nullable ProduceTiming timing) {

    /** The offset if a retry found the record stored, but the server no longer holds the offset. */
    public static final long UNKNOWN_OFFSET = -1;
}

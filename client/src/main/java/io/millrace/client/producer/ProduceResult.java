package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.ProduceTiming;
import org.jspecify.annotations.Nullable;

/**
 * The result of a stored record.
 *
 * @param partition the topic and partition
 * @param offset the offset; {@link #UNKNOWN_OFFSET} if a retry found the record already stored but
 *     the server no longer holds the offset
 * @param appendTimeMs the time at which the record was sealed into a block, in milliseconds since
 *     1970-01-01T00:00:00Z
 * @param duplicate true if an earlier attempt of this producer stored the record
 * @param timing the durations of the steps, if {@link ProducerSettings#wantTiming} is set
 */
public record ProduceResult(
        TopicPartition partition,
        long offset,
        long appendTimeMs,
        boolean duplicate,
        @Nullable ProduceTiming timing) {

    /** Offset of a stored record if the server no longer holds the offset. */
    public static final long UNKNOWN_OFFSET = -1;
}

package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.ProduceTiming;
import org.jspecify.annotations.Nullable;

/**
 * Where an acknowledged record is.
 *
 * @param partition its topic and partition
 * @param offset its offset; {@link #UNKNOWN_OFFSET} where a retry found it stored so long ago that
 *     the server knows no offset any more
 * @param appendTimeMs when it was sealed into its block, in milliseconds since 1970-01-01T00:00:00Z
 * @param duplicate whether it was stored by an earlier attempt of this producer
 * @param timing where the time went, if {@link ProducerSettings#wantTiming} is set
 */
public record ProduceResult(
        TopicPartition partition,
        long offset,
        long appendTimeMs,
        boolean duplicate,
        @Nullable ProduceTiming timing) {

    /** The offset of a record that is stored at an offset that is not known any more. */
    public static final long UNKNOWN_OFFSET = -1;
}

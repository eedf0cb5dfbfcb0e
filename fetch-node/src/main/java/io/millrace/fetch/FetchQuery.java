package io.millrace.fetch;

import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request to read from partitions.
 *
 * @param partitions the partitions, each at most once, in the order of preference
 * @param maxWait the time limit for {@code minBytes}, at most {@link #MAX_WAIT}
 * @param minBytes the number of bytes that ends the wait; 0 counts as 1
 * @param maxBytes the limit of bytes, at most {@link #MAX_BYTES}, exceeded only by the first batch;
 *     0 stands for {@link #DEFAULT_MAX_BYTES}
 * @param source the source of the batches
 */
public record FetchQuery(
        List<PartitionQuery> partitions,
        Duration maxWait,
        int minBytes,
        int maxBytes,
        Source source) {

    public static final Duration MAX_WAIT = Duration.ofSeconds(60);
    public static final int DEFAULT_MAX_BYTES = 8 << 20;
    public static final int MAX_BYTES = 64 << 20;

    public FetchQuery {
        partitions = List.copyOf(partitions);
        minBytes = minBytes == 0 ? 1 : minBytes;
        maxBytes = maxBytes == 0 ? DEFAULT_MAX_BYTES : maxBytes;
    }

    /** The source of batches. */
    public enum Source {
        /** The nearest of recent writes, caches, neighbours and the bucket. */
        NEAREST,
        /** The bucket: each object is read for this query, without the caches. */
        BUCKET
    }

    public FetchQuery(
            List<PartitionQuery> partitions, Duration maxWait, int minBytes, int maxBytes) {
        this(partitions, maxWait, minBytes, maxBytes, Source.NEAREST);
    }

    /**
     * A partition to read from.
     *
     * @param maxBytes the limit of bytes; 0 for none
     * @param topicId the expected id of the topic; {@link #ANY_TOPIC} for any
     */
    public record PartitionQuery(
            String topic, int partition, long offset, int maxBytes, long topicId) {

        public static final long ANY_TOPIC = 0;

        public PartitionQuery {
            maxBytes = maxBytes == 0 ? Integer.MAX_VALUE : maxBytes;
        }

        public PartitionQuery(String topic, int partition, long offset, int maxBytes) {
            this(topic, partition, offset, maxBytes, ANY_TOPIC);
        }
    }

    private record PartitionName(String topic, int partition) {}

    Optional<Problem> problem() {
        if (maxWait.isNegative() || maxWait.compareTo(MAX_WAIT) > 0) {
            return malformed("max_wait_ms is %d; use 0 to 60000".formatted(maxWait.toMillis()));
        }
        if (maxBytes < 0 || maxBytes > MAX_BYTES) {
            return malformed("max_bytes is %d; use 0 to %d".formatted(maxBytes, MAX_BYTES));
        }
        if (minBytes < 0) {
            return malformed("min_bytes is %d; use 0 or more".formatted(minBytes));
        }
        Set<PartitionName> named = new HashSet<>();
        for (PartitionQuery query : partitions) {
            if (query.topic().length() > TopicName.MAX_CHARS) {
                return malformed(
                        "a topic name has %,d characters; a topic name has at most %d"
                                .formatted(query.topic().length(), TopicName.MAX_CHARS));
            }
            if (!named.add(new PartitionName(query.topic(), query.partition()))) {
                return malformed(
                        "%s-%d is named twice; name each partition once"
                                .formatted(query.topic(), query.partition()));
            }
            if (query.maxBytes() < 0) {
                return malformed(
                        "max_bytes of %s-%d is %d; use 0 or more"
                                .formatted(query.topic(), query.partition(), query.maxBytes()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> malformed(String sentence) {
        return Optional.of(new Problem(Reason.MALFORMED_REQUEST, sentence));
    }
}

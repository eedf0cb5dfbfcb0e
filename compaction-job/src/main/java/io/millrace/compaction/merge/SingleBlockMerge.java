package io.millrace.compaction.merge;

import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Merge of a single WAL block that has reached the maximum delay. Pure.
 *
 * <p>Worth the cost only if the resulting segments differ from the block.
 */
final class SingleBlockMerge {

    private SingleBlockMerge() {}

    /**
     * Returns the block, if due and the only one.
     *
     * @param blocks blocks that await a merge
     * @param delay maximum delay of blocks
     * @param nowMs current time for the age of blocks, in milliseconds since 1970
     */
    static Optional<StoredObject> due(List<StoredObject> blocks, Duration delay, long nowMs) {
        return blocks.size() == 1 && blocks.getFirst().wasStoredBy(nowMs - delay.toMillis())
                ? Optional.of(blocks.getFirst())
                : Optional.empty();
    }

    /**
     * Returns whether merging a single block is useful: to separate retention classes, to prepare
     * key compaction, or to recompress batches.
     *
     * @param classes the block's live ranges, by retention class
     */
    static boolean isUseful(List<List<PlannedSegment>> classes, Topics topics) {
        return classes.size() > 1
                || classes.stream()
                        .flatMap(List::stream)
                        .flatMap(segment -> segment.ranges().stream())
                        .flatMap(range -> topics.withId(range.topicId()).stream())
                        .map(Topic::settings)
                        .anyMatch(SingleBlockMerge::rewrites);
    }

    private static boolean rewrites(TopicSettings settings) {
        return settings.compacted() || settings.segmentCompression().isPresent();
    }
}

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
 * Merge of a WAL block that has reached the maximum delay without others to merge with. Pure.
 *
 * <p>The merge turns the block into segments once; that is worth its cost only if the segments differ from the block.
 */
final class SingleBlockMerge {

    private SingleBlockMerge() {}

    /**
     * Returns the block, if there is exactly one and it is due.
     *
     * @param blocks blocks that await a merge
     * @param delay maximum delay of blocks
     * @param nowMs current time for the age of blocks, in milliseconds since 1970
     */
    static Optional<StoredObject> due(List<StoredObject> blocks, Duration delay, long nowMs) {
        return blocks.size() == 1 && blocks.getFirst().wasThere(nowMs - delay.toMillis())
                ? Optional.of(blocks.getFirst())
                : Optional.empty();
    }

    /**
     * Returns whether a block is worth a merge of its own: it separates records of several retention classes, prepares key compaction, or recompresses batches.
     *
     * @param classes the block's live ranges, by retention class
     */
    static boolean gains(List<List<PlannedSegment>> classes, Topics topics) {
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

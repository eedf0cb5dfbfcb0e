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
 * A WAL block that has waited long for others to be merged with, and is the only one. Pure.
 *
 * <p>It may be merged by itself: once, as it becomes segments. That costs what it is worth only
 * where those differ from it.
 */
final class SingleBlockMerge {

    private SingleBlockMerge() {}

    /**
     * The block, if there is one.
     *
     * @param blocks that wait to be merged
     * @param delay how long blocks wait for others
     * @param nowMs milliseconds since 1970, as it is for blocks
     */
    static Optional<StoredObject> due(List<StoredObject> blocks, Duration delay, long nowMs) {
        return blocks.size() == 1 && blocks.getFirst().wasThere(nowMs - delay.toMillis())
                ? Optional.of(blocks.getFirst())
                : Optional.empty();
    }

    /**
     * Whether what a block holds gains by lying in segments: because records of several retention
     * classes are parted, keys may be removed, or batches are compressed anew.
     *
     * @param classes what is alive of it, by retention class
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

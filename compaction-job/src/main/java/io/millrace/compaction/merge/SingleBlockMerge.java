package io.millrace.compaction.merge;

import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Decides on the merge of a single WAL block that has reached the maximum delay. Pure. */
final class SingleBlockMerge {

    private SingleBlockMerge() {}

    /** Returns the block, if due and alone. */
    static Optional<StoredObject> due(List<StoredObject> blocks, Duration delay, long nowMs) {
        return blocks.size() == 1 && blocks.getFirst().wasStoredBy(nowMs - delay.toMillis())
                ? Optional.of(blocks.getFirst())
                : Optional.empty();
    }

    /**
     * Returns whether a merge separates retention classes, prepares key compaction or recompresses
     * batches.
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

package io.millrace.compaction.merge;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A WAL block that has waited long for others to be merged with, and is the only one. Pure.
 *
 * <p>It may be merged by itself: once, as it becomes segments. That costs what it is worth only
 * where those differ from it.
 */
final class LoneBlock {

    private LoneBlock() {}

    /**
     * The block, if there is one.
     *
     * @param stored the objects that extents name
     * @param isMine whether this node is to merge an object
     * @param delay how long blocks wait for others
     * @param nowMs milliseconds since 1970
     */
    static Optional<StoredObject> due(
            List<StoredObject> stored, Predicate<StoredObject> isMine, Duration delay, long nowMs) {
        List<StoredObject> blocks =
                stored.stream()
                        .filter(one -> one.object().id().kind() == ObjectId.Kind.WAL)
                        .filter(one -> one.shelvedExtents() < one.extents() && isMine.test(one))
                        .limit(2)
                        .toList();
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
                        .anyMatch(LoneBlock::rewrites);
    }

    private static boolean rewrites(TopicSettings settings) {
        return settings.compacted() || settings.segmentCompression().isPresent();
    }
}

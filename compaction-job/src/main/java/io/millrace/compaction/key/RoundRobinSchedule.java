package io.millrace.compaction.key;

import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Round-robin order of partitions for key compaction. Starts after the partition served last, so
 * that partitions that are always dirty cannot starve the others. One owner.
 */
public final class RoundRobinSchedule {

    /**
     * Consecutive partitions of a topic.
     *
     * @param from first partition
     * @param to end, exclusive
     */
    public record PartitionSpan(Topic topic, int from, int to) {}

    private record LastServed(String topic, int partition) {}

    /** Arbitrary number that selects the topic to start with. */
    private final long start;

    private @Nullable LastServed lastServed;

    /**
     * @param start arbitrary number; a different one for each process prevents short-lived
     *     processes from always starving the same topic
     */
    public RoundRobinSchedule(long start) {
        this.start = start;
    }

    /**
     * Returns all partitions of the topics, in the order of service.
     *
     * @param topics topics in the order of their names
     */
    public List<PartitionSpan> inOrder(Collection<Topic> topics) {
        List<Topic> all = List.copyOf(topics);
        if (all.isEmpty()) {
            return List.of();
        }
        if (lastServed == null) {
            int first = (int) Long.remainderUnsigned(start, all.size());
            return concatenated(
                    whole(all.subList(first, all.size())), whole(all.subList(0, first)));
        }
        List<PartitionSpan> after = new ArrayList<>();
        List<PartitionSpan> before = new ArrayList<>();
        for (Topic topic : all) {
            int order = topic.name().compareTo(lastServed.topic());
            int count = topic.partitionCount();
            int next =
                    order > 0 ? 0 : order < 0 ? count : Math.min(lastServed.partition() + 1, count);
            after.add(new PartitionSpan(topic, next, count));
            before.add(new PartitionSpan(topic, 0, next));
        }
        return concatenated(after, before);
    }

    private static List<PartitionSpan> whole(List<Topic> topics) {
        return topics.stream().map(one -> new PartitionSpan(one, 0, one.partitionCount())).toList();
    }

    private static List<PartitionSpan> concatenated(
            List<PartitionSpan> first, List<PartitionSpan> second) {
        List<PartitionSpan> all = new ArrayList<>(first);
        all.addAll(second);
        all.removeIf(span -> span.from() == span.to());
        return all;
    }

    /** Records that a partition, and all before it in its span, are being served. */
    public void served(Topic topic, int partition) {
        lastServed = new LastServed(topic.name(), partition);
    }
}

package io.millrace.compaction.key;

import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A round-robin order of partitions for key compaction. Starts after the partition served last, so
 * that always dirty partitions cannot starve the rest. One owner.
 */
public final class RoundRobinSchedule {

    /** A span of consecutive partitions of a topic, with exclusive end. */
    public record PartitionSpan(Topic topic, int from, int to) {}

    private record LastServed(String topic, int partition) {}

    private final long start;

    private @Nullable LastServed lastServed;

    /**
     * @param start selects the first topic; different for each process, so that short-lived
     *     processes starve no topic
     */
    public RoundRobinSchedule(long start) {
        this.start = start;
    }

    /**
     * Returns all partitions of the topics, in the order of service.
     *
     * @param topics sorted by name
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
        return topics.stream()
                .map(topic -> new PartitionSpan(topic, 0, topic.partitionCount()))
                .toList();
    }

    private static List<PartitionSpan> concatenated(
            List<PartitionSpan> first, List<PartitionSpan> second) {
        List<PartitionSpan> all = new ArrayList<>(first);
        all.addAll(second);
        all.removeIf(span -> span.from() == span.to());
        return all;
    }

    /** Records service of a partition and all before it in its span. */
    public void served(Topic topic, int partition) {
        lastServed = new LastServed(topic.name(), partition);
    }
}

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
    public record Span(Topic topic, int from, int to) {}

    private record Last(String topic, int partition) {}

    /** Arbitrary number that selects the topic to start with. */
    private final long start;

    private @Nullable Last last;

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
    public List<Span> of(Collection<Topic> topics) {
        List<Topic> all = List.copyOf(topics);
        if (all.isEmpty()) {
            return List.of();
        }
        if (last == null) {
            int first = (int) Long.remainderUnsigned(start, all.size());
            return joined(whole(all.subList(first, all.size())), whole(all.subList(0, first)));
        }
        List<Span> after = new ArrayList<>();
        List<Span> before = new ArrayList<>();
        for (Topic topic : all) {
            int order = topic.name().compareTo(last.topic());
            int count = topic.partitionCount();
            int next = order > 0 ? 0 : order < 0 ? count : Math.min(last.partition() + 1, count);
            after.add(new Span(topic, next, count));
            before.add(new Span(topic, 0, next));
        }
        return joined(after, before);
    }

    private static List<Span> whole(List<Topic> topics) {
        return topics.stream().map(one -> new Span(one, 0, one.partitionCount())).toList();
    }

    private static List<Span> joined(List<Span> first, List<Span> second) {
        List<Span> all = new ArrayList<>(first);
        all.addAll(second);
        all.removeIf(span -> span.from() == span.to());
        return all;
    }

    /** Records that a partition, and all before it in its span, are being served. */
    public void taken(Topic topic, int partition) {
        last = new Last(topic.name(), partition);
    }
}

package io.millrace.compaction.key;

import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to have records removed by key: what lies behind the last that had one comes
 * first, round and round, so that nobody who is always due keeps the others from it. One owner.
 */
public final class RoundRobinSchedule {

    /**
     * Partitions of a topic.
     *
     * @param from the first of them
     * @param to the one behind the last
     */
    public record Span(Topic topic, int from, int to) {}

    private record Last(String topic, int partition) {}

    /** Any number; the first turn begins at a topic that follows from it. */
    private final long start;

    private @Nullable Last last;

    /**
     * @param start any number: where it changes from process to process, no topic is always the
     *     last one of those that do not live long
     */
    public RoundRobinSchedule(long start) {
        this.start = start;
    }

    /**
     * All partitions of those topics, in the order of their turns.
     *
     * @param topics by name
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

    /** That partition has its turn, and those of its span before it had theirs. */
    public void taken(Topic topic, int partition) {
        last = new Last(topic.name(), partition);
    }
}

package io.millrace.group;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a member subscribes to. Immutable.
 *
 * @param pattern a pattern for whole topic names in RE2 syntax; empty for none
 */
public record TopicSubscription(Set<String> topics, String pattern) {

    public TopicSubscription {
        topics = Set.copyOf(topics);
    }

    public static TopicSubscription to(Collection<String> topics) {
        return new TopicSubscription(new TreeSet<>(topics), "");
    }
}

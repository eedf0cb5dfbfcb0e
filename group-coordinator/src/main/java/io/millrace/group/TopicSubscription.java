package io.millrace.group;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a member subscribes to. Immutable.
 *
 * @param topics topic names
 * @param pattern a pattern that selects further topics by their whole name (RE2 syntax); empty for
 *     none
 */
public record TopicSubscription(Set<String> topics, String pattern) {

    public TopicSubscription {
        topics = Set.copyOf(topics);
    }

    /** Returns a subscription to these topics, without a pattern. */
    public static TopicSubscription to(Collection<String> topics) {
        return new TopicSubscription(new TreeSet<>(topics), "");
    }
}

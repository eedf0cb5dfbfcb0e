package io.millrace.group;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which topics a member wants to read. Immutable.
 *
 * @param topics their names
 * @param pattern names in addition, all of which it must match (syntax of RE2); empty for none
 */
public record TopicSubscription(Set<String> topics, String pattern) {

    public TopicSubscription {
        topics = Set.copyOf(topics);
    }

    /** Some topics, and no pattern. */
    public static TopicSubscription to(Collection<String> topics) {
        return new TopicSubscription(new TreeSet<>(topics), "");
    }
}

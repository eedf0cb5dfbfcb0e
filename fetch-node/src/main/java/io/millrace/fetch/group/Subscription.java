package io.millrace.fetch.group;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which topics a member wants to read. Immutable.
 *
 * @param topics their names
 * @param pattern names in addition, all of which it must match (syntax of RE2); empty for none
 */
public record Subscription(Set<String> topics, String pattern) {

    public Subscription {
        topics = Set.copyOf(topics);
    }

    /** Some topics, and no pattern. */
    public static Subscription to(Collection<String> topics) {
        return new Subscription(new TreeSet<>(topics), "");
    }
}

package io.millrace.group.coordinator;

import io.millrace.group.TopicSubscription;
import io.millrace.metadata.topic.Topics;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The topics of a group's members. Members with equal subscriptions share one set, because a set
 * for each member would take memory for members times topics. A part of {@link CoordinatedGroup}.
 */
final class SharedMatches {

    private final Map<TopicSubscription, MatchedTopics> bySubscription = new HashMap<>();

    /** Returns the ids, in a set that does not change. */
    Set<Long> topicIds(TopicMatcher matcher, Topics topics) {
        return bySubscription
                .computeIfAbsent(matcher.subscription(), key -> new MatchedTopics(matcher))
                .update(topics);
    }

    /** Forgets the topics of all other subscriptions. */
    void retain(Collection<TopicMatcher> inUse) {
        bySubscription
                .keySet()
                .retainAll(
                        inUse.stream().map(TopicMatcher::subscription).collect(Collectors.toSet()));
    }
}

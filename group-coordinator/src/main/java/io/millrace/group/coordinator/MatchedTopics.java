package io.millrace.group.coordinator;

import io.millrace.metadata.topic.Topics;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a subscription. Each update matches the pattern only with topics that were created
 * since the last update, and those that matched before. One owner.
 */
public final class MatchedTopics {

    private final TopicMatcher matcher;
    private Set<Long> ids = Set.of();
    private long matchedUpTo;
    private @Nullable Topics last;

    public MatchedTopics(TopicMatcher matcher) {
        this.matcher = matcher;
    }

    /** Returns the ids, in a set that does not change. */
    public Set<Long> update(Topics topics) {
        if (topics != last) {
            last = topics;
            ids = matcher.topicIds(topics, ids, matchedUpTo);
            matchedUpTo = Math.max(matchedUpTo, topics.lastId());
        }
        return ids;
    }
}

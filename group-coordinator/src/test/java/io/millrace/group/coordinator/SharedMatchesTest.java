package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TopicSubscription;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that members with equal subscriptions share the memory of their topics. */
class SharedMatchesTest {

    private final Topics topics =
            Topics.NONE
                    .with(new Topic(1, "a", 1, TopicSettings.DEFAULTS))
                    .with(new Topic(2, "b", 1, TopicSettings.DEFAULTS));
    private final SharedMatches matches = new SharedMatches();

    @Test
    void equalSubscriptionsHaveOneSetOfTopics() {
        Set<Long> one = matches.topicIds(matcher("a|b"), topics);
        Set<Long> other = matches.topicIds(matcher("a|b"), topics);

        assertThat(one).containsExactly(1L, 2L);
        assertThat(other).isSameAs(one);
        assertThat(matches.topicIds(matcher("b"), topics)).containsExactly(2L);
    }

    @Test
    void aSubscriptionInUseIsKeptAndAnotherForgotten() {
        Set<Long> kept = matches.topicIds(matcher("a"), topics);
        Set<Long> forgotten = matches.topicIds(matcher("b"), topics);

        matches.retain(List.of(matcher("a")));

        assertThat(matches.topicIds(matcher("a"), topics)).isSameAs(kept);
        assertThat(matches.topicIds(matcher("b"), topics)).isNotSameAs(forgotten);
    }

    private static TopicMatcher matcher(String pattern) {
        return new TopicMatcher(new TopicSubscription(Set.of(), pattern));
    }
}

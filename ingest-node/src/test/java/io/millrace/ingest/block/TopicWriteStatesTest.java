package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicWriteStatesTest {

    private Topics topics = Topics.NONE;
    private final TopicWriteStates states = new TopicWriteStates(() -> topics);

    private static Topic topic(long id, String name) {
        return new Topic(id, name, 2, TopicSettings.DEFAULTS);
    }

    @Test
    void aStateFollowsItsTopic() {
        topics = Topics.of(List.of(topic(1, "a")));
        TopicWriteState before = states.named("a");
        topics = topics.with(new Topic(1, "a", 3, TopicSettings.parse(Map.of())));

        assertThat(states.named("a")).isSameAs(before);
        assertThat(before).matches(state -> state.has(2));
    }

    @Test
    void aTopicCreatedAgainHasANewState() {
        topics = Topics.of(List.of(topic(1, "a")));
        TopicWriteState before = states.named("a");
        topics = Topics.of(List.of(topic(2, "a")));

        assertThat(states.named("a")).isNotSameAs(before).matches(state -> state.topic().id() == 2);
    }

    @Test
    void aDeletedTopicHasNoState() {
        topics = Topics.of(List.of(topic(1, "a")));
        states.named("a");
        topics = Topics.NONE;

        assertThat(states.named("a")).isNull();
    }

    @Test
    void statesOfDeletedTopicsAreRemoved() {
        topics = Topics.of(List.of(topic(1, "kept")));
        for (int i = 2; i < 10_000; i++) {
            Topic brief = topic(i, "brief-" + i);
            topics = topics.with(brief);
            states.named("kept");
            states.named(brief.name());
            topics = topics.without(brief);
        }
        assertThat(states.size()).isLessThan(200);
    }
}

package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TopicSubscription;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MatchedTopicsTest {

    @Test
    void updatesFindTheTopicsThatMatchAtTheTime() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            MatchedTopics matched =
                    new MatchedTopics(
                            new TopicMatcher(new TopicSubscription(Set.of("b1"), "a.*|b2")));
            Topics topics = Topics.NONE;
            for (long id = 1; id < 200; id++) {
                String name = (random.nextBoolean() ? "a" : "b") + random.nextInt(5);
                topics =
                        topics.named(name).isPresent()
                                ? topics.without(topics.named(name).get())
                                : topics.with(new Topic(id, name, 1, TopicSettings.DEFAULTS));
                if (random.nextInt(3) == 0) {
                    Set<Long> expected = new TreeSet<>();
                    for (Topic topic : topics.all()) {
                        if (topic.name().matches("a.|b1|b2")) {
                            expected.add(topic.id());
                        }
                    }
                    assertThat(matched.update(topics)).as("seed %d", seed).isEqualTo(expected);
                }
            }
        }
    }
}

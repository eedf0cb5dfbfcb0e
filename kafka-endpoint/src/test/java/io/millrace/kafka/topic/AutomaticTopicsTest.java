package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AutomaticTopicsTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final AutomaticTopics automatic =
            new AutomaticTopics(new TopicAdmin(fixture.metadata()), 4);

    @Test
    void requestsForOneTopicShareItsCreation() {
        CompletableFuture<Topic> first = automatic.create("t").orElseThrow();
        CompletableFuture<Topic> second = automatic.create("t").orElseThrow();
        loop.advance(Duration.ofMillis(10));

        assertThat(first.join()).isEqualTo(second.join());
        assertThat(first.join().partitionCount()).isEqualTo(4);
        assertThat(fixture.metadata().objects().appliedEntries()).isEqualTo(1);
    }

    @Test
    void aCancelledRequestDoesNotCancelTheOthers() {
        automatic.create("t").orElseThrow().cancel(false);
        CompletableFuture<Topic> second = automatic.create("t").orElseThrow();
        loop.advance(Duration.ofMillis(10));

        assertThat(second.join().name()).isEqualTo("t");
    }
}

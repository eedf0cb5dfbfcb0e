package io.millrace.client.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TopicOperationsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeServer server = new FakeServer();
    private final MillraceClient client = MillraceClient.connect(server.address());

    /** The operations that change something. */
    enum Change {
        CREATE("create topic t") {
            @Override
            CompletableFuture<?> ask(TopicOperations topics) {
                return topics.createAsync("t", 1, Map.of());
            }
        },
        ADD_PARTITIONS("add partitions to topic old") {
            @Override
            CompletableFuture<?> ask(TopicOperations topics) {
                return topics.addPartitionsAsync("old", 2);
            }
        },
        DELETE("delete topic old") {
            @Override
            CompletableFuture<?> ask(TopicOperations topics) {
                return topics.deleteAsync("old");
            }
        };

        final String words;

        Change(String words) {
            this.words = words;
        }

        abstract CompletableFuture<?> ask(TopicOperations topics);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void aChangeWhoseAnswerIsLostWithTheConnectionMayBeDone(Change change) {
        client.topics().create("old", 1, Map.of());
        CompletableFuture<Void> done = server.admin().leaveNextUnanswered();
        CompletableFuture<?> asked = change.ask(client.topics());
        done.orTimeout(20, TimeUnit.SECONDS).join();
        server.close();
        assertThatThrownBy(await(asked))
                .isInstanceOfSatisfying(
                        MillraceException.OutcomeUnknown.class,
                        unknown -> assertThat(unknown.retriable()).isTrue())
                .hasMessageContaining(change.words)
                .hasMessageContaining("the connection broke before the response")
                .hasMessageContaining("The change may be applied");
    }

    @Test
    void aChangeThatIsNotAnsweredInTimeMayBeDone() {
        ClientSettings hasty =
                ClientSettings.of(server.address()).withRequestTimeout(Duration.ofSeconds(3));
        try (MillraceClient impatient = MillraceClient.connect(hasty)) {
            server.admin().leaveNextUnanswered();
            assertThatThrownBy(() -> impatient.topics().create("t", 1, Map.of()))
                    .isInstanceOf(MillraceException.OutcomeUnknown.class)
                    .hasMessageContaining("did not respond in time");
        }
        assertThat(client.topics().list())
                .extracting(TopicOperations.Topic::name)
                .containsExactly("t");
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void aChangeThatCouldNotBeSentWasNotDone(Change change) {
        client.topics().create("old", 1, Map.of());
        server.close();
        try (MillraceClient late = MillraceClient.connect(server.address())) {
            assertThatThrownBy(await(change.ask(late.topics())))
                    .isInstanceOf(MillraceException.Unreachable.class)
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void aQuestionWhoseAnswerIsLostChangedNothing() {
        CompletableFuture<Void> done = server.admin().leaveNextUnanswered();
        CompletableFuture<?> asked = client.topics().listAsync();
        done.orTimeout(20, TimeUnit.SECONDS).join();
        server.close();
        assertThatThrownBy(await(asked)).isInstanceOf(MillraceException.Unreachable.class);
    }

    private static ThrowingCallable await(CompletableFuture<?> asked) {
        return () -> UnaryCalls.await(asked, LONG, "The test");
    }
}

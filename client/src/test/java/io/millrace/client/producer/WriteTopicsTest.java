package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class WriteTopicsTest {

    private static final MillraceException AWAY = new MillraceException.Closed("away");

    private static WriteTopic topic(String name) {
        return WriteTopic.of(
                new TopicOperations.Topic(name, 1, 2, Map.of()), ProducerSettings.defaults(), 0);
    }

    @Test
    void aTopicIsLookedUpOnce() {
        AtomicInteger checkUps = new AtomicInteger();
        WriteTopics topics =
                new WriteTopics(name -> {
                    checkUps.incrementAndGet();
                    return CompletableFuture.completedFuture(topic(name));
                });
        assertThat(topics.get("t").join()).isSameAs(topics.get("t").join());
        assertThat(topics.getIfPresent("t")).isSameAs(topics.get("t").join());
        assertThat(topics.getIfPresent("u")).isNull();
        assertThat(checkUps).hasValue(1);
    }

    @Test
    void aFailedLookUpIsRepeatedWhenItIsNextAskedFor() {
        List<CompletableFuture<WriteTopic>> answers =
                new ArrayList<>(
                        List.of(
                                CompletableFuture.failedFuture(AWAY),
                                CompletableFuture.completedFuture(topic("t"))));
        WriteTopics topics = new WriteTopics(name -> answers.removeFirst());
        assertThat(topics.get("t")).isCompletedExceptionally();
        assertThat(topics.getIfPresent("t")).isNull();
        assertThat(topics.get("t")).isCompleted();
    }

    @Test
    void threadsThatRepeatAFailedLookUpTogetherShareIt() {
        AtomicInteger checkUps = new AtomicInteger();
        CompletableFuture<WriteTopic> others = new CompletableFuture<>();
        List<WriteTopics> topics = new ArrayList<>();
        topics.add(
                new WriteTopics(name -> {
                    int number = checkUps.incrementAndGet();
                    if (number == 2) {
                        Thread other =
                                Thread.ofPlatform().start(() -> repeat(topics.getFirst(), others));
                        // Wait until the thread waits for this one, or looks up as well.
                        assertThat(
                                        becomesTrue(() ->
                                                checkUps.get() > 2
                                                        || other.getState()
                                                                == Thread.State.BLOCKED))
                                .isTrue();
                    }
                    return number == 1
                            ? CompletableFuture.failedFuture(AWAY)
                            : CompletableFuture.completedFuture(topic(name));
                }));
        assertThat(topics.getFirst().get("t")).isCompletedExceptionally();
        WriteTopic mine = topics.getFirst().get("t").join();
        assertThat(others).succeedsWithin(Duration.ofSeconds(20)).isSameAs(mine);
        assertThat(checkUps).hasValue(2);
    }

    private static void repeat(WriteTopics topics, CompletableFuture<WriteTopic> result) {
        result.complete(topics.get("t").join());
    }

    private static boolean becomesTrue(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return condition.getAsBoolean();
    }
}

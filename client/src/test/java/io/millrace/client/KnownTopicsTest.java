package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class KnownTopicsTest {

    private static final MillraceException AWAY = new MillraceException.Closed("away");

    private static KnownTopic topic(String name) {
        return KnownTopic.of(
                new Topics.Topic(name, 1, 2, Map.of()), ProducerSettings.defaults(), 0);
    }

    @Test
    void aTopicIsLookedUpOnce() {
        AtomicInteger lookUps = new AtomicInteger();
        KnownTopics topics =
                new KnownTopics(name -> {
                    lookUps.incrementAndGet();
                    return CompletableFuture.completedFuture(topic(name));
                });
        assertThat(topics.get("t").join()).isSameAs(topics.get("t").join());
        assertThat(topics.ifKnown("t")).isSameAs(topics.get("t").join());
        assertThat(topics.ifKnown("u")).isNull();
        assertThat(lookUps).hasValue(1);
    }

    @Test
    void aFailedLookUpIsRepeatedWhenItIsNextAskedFor() {
        List<CompletableFuture<KnownTopic>> answers =
                new ArrayList<>(
                        List.of(
                                CompletableFuture.failedFuture(AWAY),
                                CompletableFuture.completedFuture(topic("t"))));
        KnownTopics topics = new KnownTopics(name -> answers.removeFirst());
        assertThat(topics.get("t")).isCompletedExceptionally();
        assertThat(topics.ifKnown("t")).isNull();
        assertThat(topics.get("t")).isCompleted();
    }

    @Test
    void threadsThatRepeatAFailedLookUpTogetherShareIt() {
        AtomicInteger lookUps = new AtomicInteger();
        CompletableFuture<KnownTopic> others = new CompletableFuture<>();
        List<KnownTopics> topics = new ArrayList<>();
        topics.add(
                new KnownTopics(name -> {
                    int number = lookUps.incrementAndGet();
                    if (number == 2) {
                        Thread other =
                                Thread.ofPlatform().start(() -> repeat(topics.getFirst(), others));
                        // Until it waits for this thread, or looks up as well.
                        assertThat(
                                        becomesTrue(() ->
                                                lookUps.get() > 2
                                                        || other.getState()
                                                                == Thread.State.BLOCKED))
                                .isTrue();
                    }
                    return number == 1
                            ? CompletableFuture.failedFuture(AWAY)
                            : CompletableFuture.completedFuture(topic(name));
                }));
        assertThat(topics.getFirst().get("t")).isCompletedExceptionally();
        KnownTopic mine = topics.getFirst().get("t").join();
        assertThat(others).succeedsWithin(Duration.ofSeconds(20)).isSameAs(mine);
        assertThat(lookUps).hasValue(2);
    }

    private static void repeat(KnownTopics topics, CompletableFuture<KnownTopic> result) {
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

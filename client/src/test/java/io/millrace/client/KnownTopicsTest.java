package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    void threadsThatRepeatAFailedLookUpTogetherGetTheSameTopic() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 2_000; round++) {
                AtomicInteger lookUps = new AtomicInteger();
                KnownTopics topics =
                        new KnownTopics(name ->
                                lookUps.getAndIncrement() == 0
                                        ? CompletableFuture.failedFuture(AWAY)
                                        : CompletableFuture.completedFuture(topic(name)));
                assertThat(topics.get("t")).isCompletedExceptionally();
                CyclicBarrier start = new CyclicBarrier(2);
                Future<KnownTopic> one = threads.submit(() -> together(topics, start));
                Future<KnownTopic> other = threads.submit(() -> together(topics, start));
                assertThat(one.get(10, TimeUnit.SECONDS))
                        .as("round %d", round)
                        .isSameAs(other.get(10, TimeUnit.SECONDS));
            }
        }
    }

    private static KnownTopic together(KnownTopics topics, CyclicBarrier start) throws Exception {
        start.await(10, TimeUnit.SECONDS);
        return topics.get("t").join();
    }
}

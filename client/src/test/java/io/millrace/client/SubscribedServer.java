package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.batch.CompressionCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

/** A server in memory with a topic of two partitions, and a client of it. Closed by its owner. */
final class SubscribedServer implements AutoCloseable {

    static final Duration BOUND = Duration.ofSeconds(20);
    static final TopicPartition P0 = new TopicPartition("t", 0);
    static final TopicPartition P1 = new TopicPartition("t", 1);

    final FakeServer server = new FakeServer();
    final FakeCoordinator group = server.log().coordinator();
    final MillraceClient client = MillraceClient.connect(server.address());

    SubscribedServer() {
        client.topics().create("t", 2, Map.of());
    }

    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    void write(TopicPartition id, int count) {
        ProducerSettings settings =
                ProducerSettings.builder().batchBytes(256).codec(CompressionCodec.NONE).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = 0; i < count; i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(
                        OutgoingRecord.of("t", null, value).toPartition(id.partition()).at(i));
            }
        }
    }

    static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    static SubscriptionSettings.Builder settings() {
        return SubscriptionSettings.of("g", List.of("t")).commitEvery(Duration.ofMillis(20));
    }

    Subscription subscribe(SubscriptionSettings settings, Seen seen) {
        return client.subscribe(settings, seen, seen);
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}

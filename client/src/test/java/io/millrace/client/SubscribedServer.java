package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.batch.CompressionCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

/** An in-memory server with a topic of two partitions, and a client. Closed by its owner. */
public final class SubscribedServer implements AutoCloseable {

    public static final Duration BOUND = Duration.ofSeconds(20);
    public static final TopicPartition P0 = new TopicPartition("t", 0);
    public static final TopicPartition P1 = new TopicPartition("t", 1);

    public final FakeServer server = new FakeServer();
    public final FakeCoordinator group = server.log().coordinator();
    public final MillraceClient client = MillraceClient.connect(server.address());

    public SubscribedServer() {
        client.topics().create("t", 2, Map.of());
    }

    public static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    public void write(TopicPartition id, int count) {
        ProducerSettings settings =
                ProducerSettings.builder().batchBytes(256).codec(CompressionCodec.NONE).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = 0; i < count; i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(
                        OutgoingRecord.of("t", null, value)
                                .withPartition(id.partition())
                                .withTimestamp(i));
            }
        }
    }

    public static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    public static SubscriptionSettings.Builder settings() {
        return SubscriptionSettings.of("g", List.of("t")).commitEvery(Duration.ofMillis(20));
    }

    public Subscription subscribe(SubscriptionSettings settings, Seen seen) {
        return client.subscribe(settings, seen, seen);
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}

package io.millrace.client.observation;

import static io.millrace.client.SubscribedServer.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.micrometer.MicrometerMetrics;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MicrometerMetricsTest {

    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerMetrics metrics = new MicrometerMetrics(registry, 1);
    private final FakeServer server = new FakeServer();
    private final MillraceClient client =
            MillraceClient.connect(
                    ClientSettings.of(server.address()), ClientObservation.of(metrics));

    @BeforeEach
    void createTopics() {
        client.topics().create("t", 2, Map.of());
        client.topics().create("u", 1, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private void write(String topic, int count) {
        try (Producer producer = client.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(OutgoingRecord.of(topic, null, new byte[10]).withPartition(0));
            }
        }
    }

    private double counter(String name, String... labels) {
        return registry.get(name).tags(labels).counter().count();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    @Test
    void storedRecordsAreCountedByTopicUpToTheLimit() {
        write("t", 10);
        write("u", 5);
        assertThat(counter("millrace.client.producer.records", "topic", "t")).isEqualTo(10);
        assertThat(counter("millrace.client.producer.records", "topic", "other")).isEqualTo(5);
        assertThat(counter("millrace.client.producer.bytes", "topic", "t")).isGreaterThan(61);
        long batches = registry.get("millrace.client.producer.request").timer().count();
        assertThat(
                        counter("millrace.client.producer.batches", "topic", "t")
                                + counter("millrace.client.producer.batches", "topic", "other"))
                .isEqualTo(batches);
        assertThat(registry.get("millrace.client.producer.queue").timer().count())
                .isEqualTo(batches);
    }

    @Test
    void failuresAndRetriesAreCountedByReason() {
        server.next(
                new FakeServer.Fault.RejectBatch(new Problem(Reason.OVERLOADED, "Busy.")),
                new FakeServer.Fault.RejectBatch(
                        new Problem(Reason.TIMESTAMP_TOO_FAR_AHEAD, "Too far.")));
        write("t", 1);
        assertThat(counter("millrace.client.producer.retries", "reason", "overloaded"))
                .isEqualTo(1);
        assertThat(
                        counter(
                                "millrace.client.producer.failed.records",
                                "reason",
                                "timestamp_too_far_ahead"))
                .isEqualTo(1);
        assertThat(registry.find("millrace.client.producer.records").tags("topic", "t").counter())
                .isNull();
    }

    @Test
    void bufferedBytesAreThoseOfOpenProducers() {
        ProducerSettings settings = ProducerSettings.builder().linger(Duration.ofHours(1)).build();
        Producer producer = client.producer(settings);
        producer.send(OutgoingRecord.of("t", null, new byte[1000]).withPartition(0));
        assertThat(gauge("millrace.client.producer.buffer.bytes")).isGreaterThan(1000);
        producer.close();
        assertThat(gauge("millrace.client.producer.buffer.bytes")).isZero();
        assertThat(gauge("millrace.client.connections")).isEqualTo(1);
        client.close();
        assertThat(gauge("millrace.client.connections")).isZero();
    }

    @Test
    void aReaderReportsWhatItReadsAndItsLag() {
        write("t", 10);
        ReaderSettings settings = ReaderSettings.defaults();
        try (Reader reader = client.reader(settings, Map.of(P0, StartPosition.beginning()))) {
            List<Object> records = new ArrayList<>();
            while (records.size() < 10) {
                records.addAll(reader.pollRecords(LONG));
            }
            assertThat(counter("millrace.client.read.records", "topic", "t")).isEqualTo(10);
            assertThat(counter("millrace.client.read.bytes", "topic", "t")).isGreaterThan(61);
            assertThat(gauge("millrace.client.lag.records")).isZero();
            assertThat(registry.get("millrace.client.reader.request").timer().count()).isPositive();
        }
    }

    @Test
    void theLagIsThatOfThePartitionThatIsFurthestBehind() {
        metrics.lag(P0, 7);
        metrics.lag(new TopicPartition("t", 1), 3);
        assertThat(gauge("millrace.client.lag.records")).isEqualTo(7);
        metrics.revoked(List.of(P0));
        assertThat(gauge("millrace.client.lag.records")).isEqualTo(3);
        metrics.readerClosed(List.of(new TopicPartition("t", 1)));
        assertThat(gauge("millrace.client.lag.records")).isZero();
    }

    @Test
    void aSubscriptionReportsHandlersRebalancesAndCommits() throws InterruptedException {
        write("t", 10);
        CountDownLatch handled = new CountDownLatch(10);
        SubscriptionSettings settings =
                SubscriptionSettings.of("g", List.of("t"))
                        .commitEvery(Duration.ofMillis(20))
                        .build();
        try (Subscription subscription =
                client.subscribe(
                        settings, (batch, own) -> batch.forEach(record -> handled.countDown()))) {
            assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
            until(() -> isCounted("millrace.client.subscription.commits"));
        }
        assertThat(counter("millrace.client.read.records", "topic", "t")).isEqualTo(10);
        assertThat(registry.get("millrace.client.subscription.handler").timer().count())
                .isPositive();
        // The fake coordinator assigns all partitions of all topics.
        assertThat(counter("millrace.client.subscription.partitions", "change", "assigned"))
                .isEqualTo(3);
        assertThat(counter("millrace.client.subscription.commits", "result", "stored"))
                .isPositive();
    }

    @Test
    void theMetersAreThoseOfTheDocumentation() throws IOException {
        MillraceException failure = new MillraceException.TimedOut("late");
        metrics.batchFailed("t", 1, failure);
        metrics.batchRetried("t", "overloaded");
        metrics.fetchFailed(failure);
        metrics.commitAnswered(false);
        assertThat(counter("millrace.client.reader.failures", "reason", "timed_out")).isEqualTo(1);
        Set<String> registered =
                registry.getMeters().stream()
                        .map(MicrometerMetricsTest::nameInPrometheus)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented =
                Files.readString(Path.of("../docs/metrics.md"))
                        .lines()
                        .filter(line -> line.startsWith("| `millrace_client_"))
                        .map(line -> line.split("[`{]", 3)[1])
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(registered).isEqualTo(documented);
    }

    private static String nameInPrometheus(Meter meter) {
        String name = meter.getId().getName().replace('.', '_');
        return switch (meter.getId().getType()) {
            case COUNTER -> name + "_total";
            case TIMER -> name + "_seconds";
            default -> name;
        };
    }

    private boolean isCounted(String name) {
        return registry.find(name).counter() != null;
    }
}

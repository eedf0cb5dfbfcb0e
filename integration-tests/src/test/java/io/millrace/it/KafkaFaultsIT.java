package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.faults.Fault;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clients of {@link KafkaLoad} during faults of a cluster: nodes that are killed, drained and
 * suspended, an etcd that is unavailable, and a bucket that throttles.
 */
@SystemAccess("waits for processes in real time")
@Timeout(600)
class KafkaFaultsIT {

    private static final int NODES = FaultyKafkaCluster.NODES;
    private static final int PARTITIONS = 6;
    private static final int MORE = 500;
    private static final Duration ETCD_AWAY = Duration.ofSeconds(30);
    private static final Duration STORM = Duration.ofSeconds(8);
    private static final Duration SHORT_STORM = Duration.ofSeconds(2);

    /** Shorter and longer than the lease of a node. */
    private static final List<Duration> LAGS =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(9));

    @TempDir Path folder;
    private FaultyKafkaCluster cluster;
    private KafkaLoad load;

    @BeforeEach
    void start() throws Exception {
        cluster = new FaultyKafkaCluster(folder, Map.of());
        cluster.createTopics(PARTITIONS, KafkaLoad.TOPICS.toArray(String[]::new));
        load = new KafkaLoad(cluster::client, PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        if (load != null) {
            load.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void aKillAndAShortStormOf503LoseDoubleAndReorderNothing() throws Exception {
        load.startAll().awaitProgress();
        int node = cluster.coordinator(KafkaLoad.MIXED);
        cluster.node(node).kill();
        load.awaitProgress();
        storm(1, SHORT_STORM);
        load.awaitProgress();
        cluster.restart(node);
        load.awaitProgress();
        load.finish();
    }

    @Test
    @Tag(TestScale.FULL)
    void killsAndDrainsOfEachNodeLoseDoubleAndReorderNothing() throws Exception {
        load.startAll().awaitProgress();
        for (int node = 0; node < NODES; node++) {
            cluster.node(node).kill();
            load.awaitProgress();
            cluster.restart(node);
            load.awaitProgress();
        }
        for (int node = 0; node < NODES; node++) {
            cluster.drain(node);
            load.awaitProgress();
            cluster.restart(node);
            load.awaitProgress();
        }
        load.finish();
    }

    @Test
    @Tag(TestScale.FULL)
    void anOutageOfEtcdLosesDoublesAndReordersNothing() throws Exception {
        load.startAll().awaitProgress();
        cluster.etcd().kill();
        pass(ETCD_AWAY);
        cluster.etcd().restart();
        load.awaitProgress();
        load.finish();
    }

    @Test
    @Tag(TestScale.FULL)
    void stormsOf503LoseDoubleAndReorderNothing() throws Exception {
        load.startAll().awaitProgress();
        for (double share : List.of(0.3, 0.8, 1.0)) {
            storm(share, STORM);
            load.awaitProgress();
        }
        load.finish();
    }

    @Test
    @Tag(TestScale.FULL)
    void nodesThatLagLoseDoubleAndReorderNothing() throws Exception {
        load.startAll().awaitProgress();
        for (Duration lag : LAGS) {
            for (int node = 0; node < NODES; node++) {
                cluster.node(node).pause();
                pass(lag);
                cluster.node(node).resume();
                load.awaitProgress();
            }
        }
        load.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {KafkaLoad.CLASSIC, KafkaLoad.CONSUMER, KafkaLoad.MIXED})
    @Tag(TestScale.FULL)
    void aCoordinatorThatIsKilledInARebalanceLosesNothing(String group) throws Exception {
        load.produce(group.equals(KafkaLoad.MIXED) ? KafkaLoad.LIBRDKAFKA : KafkaLoad.JAVA);
        load.join(group);
        load.join(group);
        load.awaitProgress();
        for (int kill = 0; kill < NODES; kill++) {
            int node = cluster.coordinator(group);
            // The rebalance begins when the member has joined, at any time around the kill.
            load.join(group);
            load.awaitMore(1 + 150 * kill);
            cluster.node(node).kill();
            load.awaitProgress();
            cluster.restart(node);
        }
        load.finish();
    }

    /** Lets a share of the requests to the bucket fail. */
    private void storm(double share, Duration duration) {
        long before = cluster.bucket().faults();
        cluster.bucket().inject(Fault.slowDown(), share);
        pass(duration);
        cluster.bucket().heal();
        assertThat(cluster.bucket().faults()).isGreaterThan(before);
    }

    private static void pass(Duration duration) {
        try (ThreadedEventLoop time = new ThreadedEventLoop()) {
            time.pass(duration);
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void readersContinueWhenTheirTopicIsTrimmedOrDeleted() throws Exception {
        SteadyProducer once = load.produce(KafkaLoad.JAVA);
        once.awaitMore(MORE);
        Map<String, Object> settings = new HashMap<>(cluster.client());
        settings.put("auto.offset.reset", "earliest");
        settings.put("max.poll.records", "10");
        List<TopicPartition> first = List.of(new TopicPartition(KafkaLoad.JAVA, 0));
        try (Admin admin = Admin.create(cluster.client());
                KafkaConsumer<String, String> reader =
                        new KafkaConsumer<>(
                                settings, new StringDeserializer(), new StringDeserializer())) {
            reader.assign(first);
            assertThat(next(reader).offset()).isZero();
            long end =
                    Objects.requireNonNull(reader.endOffsets(first).get(first.getFirst()))
                            .longValue();
            admin.deleteRecords(Map.of(first.getFirst(), RecordsToDelete.beforeOffset(end)))
                    .all()
                    .get();
            once.awaitMore(MORE);
            Eventually.await("a record after the trimmed ones", () -> next(reader).offset() >= end);
            once.finish();
            admin.deleteTopics(List.of(KafkaLoad.JAVA)).all().get();
            Eventually.await(
                    "the end of the topic", () -> reader.poll(Duration.ofMillis(100)).isEmpty());
            cluster.createTopics(PARTITIONS, KafkaLoad.JAVA);
            load.produce(KafkaLoad.JAVA).awaitMore(MORE);
            ConsumerRecord<String, String> again = next(reader);
            assertThat(again.offset()).isZero();
            assertThat(again.value()).isEqualTo("0");
        }
    }

    private static ConsumerRecord<String, String> next(KafkaConsumer<String, String> reader) {
        List<ConsumerRecord<String, String>> read = new ArrayList<>();
        Eventually.await(
                "a record",
                () -> {
                    reader.poll(Duration.ofMillis(200)).forEach(read::add);
                    return !read.isEmpty();
                });
        return read.getFirst();
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
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
 * Kafka's own clients during faults of a cluster: each of three nodes is killed, one is drained,
 * and etcd is unavailable. Producers with and without idempotence, and groups of both protocols.
 */
@SystemAccess("waits for processes in real time")
@Timeout(600)
@Tag(TestScale.FULL)
class KafkaFaultsIT {

    private static final int NODES = 3;
    private static final int PARTITIONS = 6;
    private static final int MEMBERS = 2;
    private static final String ONCE = "once";
    private static final String PLAIN = "plain";
    private static final int MORE = 500;
    private static final Duration ETCD_AWAY = Duration.ofSeconds(30);

    @TempDir Path folder;
    private EtcdServer etcd;
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private final int[] ports =
            IntStream.range(0, 2 * NODES).map(i -> MillraceProcess.stablePort()).toArray();
    private final List<AutoCloseable> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            launched.add(launch(node));
        }
        nodes.addAll(MillraceProcess.allReady(launched));
        try (Admin admin = Admin.create(client())) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(ONCE, PARTITIONS, (short) 1),
                                    new NewTopic(PLAIN, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable client : clients.reversed()) {
            client.close();
        }
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(int node) {
        return MillraceProcess.launchNode(
                ports[node],
                Map.of("MILLRACE_NODE_LEASE_S", "2"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "node-" + node,
                "--kafka-port",
                Integer.toString(ports[NODES + node]));
    }

    private Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(
                "bootstrap.servers",
                nodes.stream().map(MillraceProcess::kafkaAddress).collect(Collectors.joining(",")));
        settings.put("reconnect.backoff.max.ms", "500");
        return settings;
    }

    private KafkaSteadyProducer producer(String topic, boolean idempotent) {
        Map<String, Object> settings = client();
        settings.put("enable.idempotence", Boolean.toString(idempotent));
        KafkaSteadyProducer producer = new KafkaSteadyProducer(settings, topic, PARTITIONS);
        clients.add(producer);
        return producer;
    }

    /** Starts the members of a group, and returns their progress. */
    private KafkaGroupReader.Progress group(String protocol) {
        KafkaGroupReader.Progress progress =
                new KafkaGroupReader.Progress(
                        new AtomicIntegerArray(PARTITIONS), new ConcurrentLinkedQueue<>());
        for (int member = 0; member < MEMBERS; member++) {
            join(protocol, progress);
        }
        return progress;
    }

    private void join(String protocol, KafkaGroupReader.Progress progress) {
        Map<String, Object> settings = client();
        settings.put("group.id", protocol);
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        if (protocol.equals("classic")) {
            settings.put("session.timeout.ms", "10000");
        }
        clients.add(new KafkaGroupReader(settings, ONCE, progress));
    }

    /** Returns the number of the node that coordinates a group. */
    private int coordinator(String group) throws Exception {
        try (Admin admin = Admin.create(client())) {
            int port =
                    Objects.requireNonNull(
                                    admin.describeConsumerGroups(List.of(group))
                                            .all()
                                            .get()
                                            .get(group))
                            .coordinator()
                            .port();
            return IntStream.range(0, NODES)
                    .filter(node -> ports[NODES + node] == port)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aCoordinatorThatIsKilledInARebalanceLosesNothing(String protocol) throws Exception {
        KafkaSteadyProducer once = producer(ONCE, true);
        KafkaGroupReader.Progress group = group(protocol);
        awaitProgress(group);
        for (int kill = 0; kill < NODES; kill++) {
            int node = coordinator(protocol);
            // The rebalance begins when the member has joined, at any time around the kill.
            join(protocol, group);
            once.awaitMore(1 + 150 * kill);
            nodes.get(node).kill();
            awaitProgress(group);
            nodes.set(node, launch(node).awaitReady());
        }
        List<List<Long>> sent = once.finish();
        Eventually.await(
                () -> "all records: " + group.processed() + " " + group.violations(),
                () ->
                        IntStream.range(0, PARTITIONS)
                                .allMatch(i -> group.processed().get(i) >= sent.get(i).size()));
        assertThat(group.violations()).isEmpty();
    }

    @Test
    void readersContinueWhenTheirTopicIsTrimmedOrDeleted() throws Exception {
        KafkaSteadyProducer once = producer(ONCE, true);
        once.awaitMore(MORE);
        Map<String, Object> settings = client();
        settings.put("auto.offset.reset", "earliest");
        settings.put("max.poll.records", "10");
        List<TopicPartition> first = List.of(new TopicPartition(ONCE, 0));
        try (Admin admin = Admin.create(client());
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
            admin.deleteTopics(List.of(ONCE)).all().get();
            Eventually.await(
                    "the end of the topic", () -> reader.poll(Duration.ofMillis(100)).isEmpty());
            admin.createTopics(List.of(new NewTopic(ONCE, PARTITIONS, (short) 1))).all().get();
            producer(ONCE, true).awaitMore(MORE);
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

    @Test
    void killsADrainAndAnOutageOfEtcdLoseDoubleAndReorderNothing() throws Exception {
        KafkaSteadyProducer once = producer(ONCE, true);
        KafkaSteadyProducer plain = producer(PLAIN, false);
        KafkaGroupReader.Progress classic = group("classic");
        KafkaGroupReader.Progress consumer = group("consumer");
        await(once, plain, classic, consumer);
        for (int node = 0; node < NODES; node++) {
            nodes.get(node).kill();
            await(once, plain, classic, consumer);
            nodes.set(node, launch(node).awaitReady());
            await(once, plain, classic, consumer);
        }
        nodes.getFirst().sendTerm();
        assertThat(nodes.getFirst().awaitEnd()).isZero();
        await(once, plain, classic, consumer);
        nodes.set(0, launch(0).awaitReady());
        etcd.kill();
        try (ThreadedEventLoop time = new ThreadedEventLoop()) {
            time.pass(ETCD_AWAY);
        }
        etcd.restart();
        await(once, plain, classic, consumer);

        List<List<Long>> sentOnce = once.finish();
        List<List<Long>> sentPlain = plain.finish();
        List<List<Long>> storedOnce = KafkaSteadyProducer.readAll(client(), ONCE, PARTITIONS);
        for (int i = 0; i < PARTITIONS; i++) {
            List<Long> expected = LongStream.range(0, sentOnce.get(i).size()).boxed().toList();
            assertThat(storedOnce.get(i)).as("partition %d", i).isEqualTo(expected);
            for (int number = 0; number < sentOnce.get(i).size(); number++) {
                // A repeated batch may be so old that its offset is not known any more.
                assertThat(sentOnce.get(i).get(number)).isIn((long) number, -1L);
            }
        }
        List<List<Long>> storedPlain = KafkaSteadyProducer.readAll(client(), PLAIN, PARTITIONS);
        for (int i = 0; i < PARTITIONS; i++) {
            assertThat(new HashSet<>(storedPlain.get(i)))
                    .containsAll(LongStream.range(0, sentPlain.get(i).size()).boxed().toList());
            for (int number = 0; number < sentPlain.get(i).size(); number++) {
                long offset = sentPlain.get(i).get(number);
                assertThat(storedPlain.get(i).get((int) offset)).isEqualTo(number);
            }
        }
        for (KafkaGroupReader.Progress group : List.of(classic, consumer)) {
            Eventually.await(
                    () -> "all records: " + group.processed() + " " + group.violations(),
                    () ->
                            IntStream.range(0, PARTITIONS)
                                    .allMatch(i ->
                                            group.processed().get(i) >= storedOnce.get(i).size()));
            assertThat(group.violations()).isEmpty();
        }
    }

    private static void await(
            KafkaSteadyProducer once,
            KafkaSteadyProducer plain,
            KafkaGroupReader.Progress... groups) {
        once.awaitMore(MORE);
        plain.awaitMore(MORE);
        for (KafkaGroupReader.Progress group : groups) {
            awaitProgress(group);
        }
    }

    private static void awaitProgress(KafkaGroupReader.Progress group) {
        int[] before = processed(group);
        Eventually.await(
                () ->
                        "progress in all partitions: %s %s"
                                .formatted(group.processed(), group.violations()),
                () -> {
                    int[] now = processed(group);
                    return IntStream.range(0, PARTITIONS).allMatch(i -> now[i] > before[i]);
                });
        assertThat(group.violations()).isEmpty();
    }

    private static int[] processed(KafkaGroupReader.Progress group) {
        return IntStream.range(0, PARTITIONS).map(group.processed()::get).toArray();
    }
}

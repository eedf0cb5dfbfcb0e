package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.connection.ClientSettings;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own clients and the nodes of a cluster in two zones. */
@Timeout(240)
class KafkaClusterIT {

    private static final int PARTITIONS = 8;
    private static final String TOPIC = "orders";

    @TempDir Path folder;
    private EtcdServer etcd;
    private final List<MillraceProcess> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        nodes.addAll(MillraceProcess.allReady(List.of(launch("a"), launch("b"))));
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(String zone) {
        return MillraceProcess.launchNode(
                0,
                Map.of("MILLRACE_NODE_LEASE_S", "2"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "node-" + zone,
                "--zone",
                zone,
                "--kafka-port",
                "0");
    }

    private Map<String, Object> client(String zone) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(
                "bootstrap.servers",
                nodes.stream().map(MillraceProcess::kafkaAddress).collect(Collectors.joining(",")));
        settings.put("client.id", "test,zone=" + zone);
        return settings;
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static Set<String> zonesOfLeaders(Admin admin) throws Exception {
        TopicDescription described =
                Objects.requireNonNull(
                        admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC));
        assertThat(described.partitions()).hasSize(PARTITIONS);
        assertThat(described.partitions())
                .allSatisfy(partition ->
                        assertThat(partition.replicas())
                                .extracting(Node::rack)
                                .containsExactlyInAnyOrder("a", "b"));
        return described.partitions().stream()
                .map(TopicPartitionInfo::leader)
                .map(Node::rack)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void clientsAreLedToNodesOfTheirZone() throws Exception {
        try (Admin a = Admin.create(client("a"));
                Admin b = Admin.create(client("b"))) {
            assertThat(a.describeCluster().nodes().get()).hasSize(2);
            a.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 3))).all().get();
            assertThat(zonesOfLeaders(a)).containsExactly("a");
            assertThat(zonesOfLeaders(b)).containsExactly("b");
        }
        ClientSettings first = ClientSettings.of(nodes.getFirst().address());
        try (MillraceClient client = MillraceClient.connect(first)) {
            assertThat(client.describeCluster().nodes())
                    .extracting(ClusterNode::kafka)
                    .doesNotContainNull()
                    .allSatisfy(address -> assertThat(address).isPresent())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aNodeThatStopsLosesAndDoublesNothing() throws Exception {
        try (Admin admin = Admin.create(client("a"))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
        }
        int records = 2_000;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(client("a"))) {
            for (int i = 0; i < records; i++) {
                sent.add(producer.send(record(i)));
                if (i == records / 2) {
                    sent.getFirst().get();
                    nodes.getFirst().sendTerm();
                }
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
            assertThat(nodes.getFirst().awaitEnd()).isZero();
        }
        nodes.removeFirst();
        assertAllAreRead(records);
    }

    private static ProducerRecord<String, String> record(int number) {
        return new ProducerRecord<>(TOPIC, number % PARTITIONS, "k", "value " + number);
    }

    private void assertAllAreRead(int records) {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            all.add(new TopicPartition(TOPIC, partition));
        }
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        client("b"), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long[] next = new long[PARTITIONS];
            int read = 0;
            while (read < records) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    long number = next[record.partition()]++ * PARTITIONS + record.partition();
                    assertThat(record.value()).isEqualTo("value " + number);
                    read++;
                }
            }
            assertThat(consumer.poll(Duration.ofMillis(200)).isEmpty()).isTrue();
        }
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.tls.TestAuthority;
import io.millrace.runtime.tls.TlsFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka's own clients at nodes with an internal listener in plaintext, advertised as 127.0.0.1, and
 * an external one with SASL over TLS, advertised as localhost.
 */
@Timeout(240)
class KafkaListenersIT {

    private static final int PARTITIONS = 16;
    private static final int RECORDS = 400;
    private static final String TOPIC = "orders";

    @TempDir Path folder;
    private final TestAuthority authority = new TestAuthority("authority");
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private EtcdServer etcd;
    private Map<String, String> environment;
    private Path trust;
    private String token;

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        trust = authority.writeTo(folder.resolve("ca.crt"));
        Path secret = folder.resolve("admin.token");
        String line =
                MillraceCommandLine.run("token", "create", "admin", "--out", secret.toString())
                        .ok()
                        .text();
        token = Files.readString(secret).strip();
        TlsFiles.CertificateFiles own =
                authority.issue("public", "localhost").writeTo(folder, "public");
        environment =
                Map.of(
                        "MILLRACE_NODE_LEASE_S",
                        "2",
                        "MILLRACE_KAFKA_EXTERNAL_AUTH",
                        "token",
                        "MILLRACE_AUTH_TOKENS_FILE",
                        Files.writeString(folder.resolve("tokens"), line).toString(),
                        "MILLRACE_SUPER_USERS",
                        "User:admin;User:ANONYMOUS",
                        "MILLRACE_KAFKA_EXTERNAL_TLS_CERTIFICATE",
                        own.certificate().toString(),
                        "MILLRACE_KAFKA_EXTERNAL_TLS_KEY",
                        own.key().toString());
        nodes.addAll(
                MillraceProcess.allReady(
                        List.of(
                                launch("a", "--kafka-external-port", "0"),
                                launch("b", "--kafka-external-port", "0"))));
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(String name, String... more) {
        return MillraceProcess.launchNode(
                0,
                environment,
                Stream.concat(
                                Stream.of(
                                        "--etcd",
                                        etcd.addresses(),
                                        "--bucket",
                                        "file:" + folder.resolve("bucket"),
                                        "--node-id",
                                        name,
                                        "--kafka-port",
                                        "0",
                                        "--kafka-advertise",
                                        "127.0.0.1"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private Map<String, Object> inside() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", nodes.getFirst().kafkaAddress());
        return settings;
    }

    private Map<String, Object> outside(String password) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", nodes.getFirst().externalKafkaAddress());
        settings.put("security.protocol", "SASL_SSL");
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.location", trust.toString());
        settings.put("sasl.mechanism", "PLAIN");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"any\" password=\"%s\";"
                        .formatted(password));
        return settings;
    }

    private Set<String> internalAddresses() {
        return nodes.stream()
                .map(node -> node.kafkaAddress().replace("localhost", "127.0.0.1"))
                .collect(Collectors.toSet());
    }

    private Set<String> externalAddresses() {
        return nodes.stream()
                .map(MillraceProcess::externalKafkaAddress)
                .collect(Collectors.toSet());
    }

    private static String address(Node node) {
        return node.host() + ":" + node.port();
    }

    private static Set<String> nodesOf(Admin admin) {
        return admin
                .describeCluster()
                .nodes()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .stream()
                .map(KafkaListenersIT::address)
                .collect(Collectors.toSet());
    }

    private static Set<String> leadersOf(Admin admin) {
        return Objects.requireNonNull(
                        admin.describeTopics(List.of(TOPIC))
                                .allTopicNames()
                                .toCompletionStage()
                                .toCompletableFuture()
                                .join()
                                .get(TOPIC))
                .partitions()
                .stream()
                .map(TopicPartitionInfo::leader)
                .map(KafkaListenersIT::address)
                .collect(Collectors.toSet());
    }

    /** A node that is ready may not have received the registration of the other one yet. */
    private static void awaitNodesAndLeaders(Admin admin, Set<String> addresses) {
        Eventually.await("all nodes are known", () -> nodesOf(admin).equals(addresses));
        // The answering node may be another one, which receives a registration later.
        Eventually.await("all nodes are leaders", () -> leadersOf(admin).equals(addresses));
    }

    private static void createTopic(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
    }

    private static void produce(Map<String, Object> settings) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                sent.add(
                        producer.send(
                                new ProducerRecord<>(TOPIC, i % PARTITIONS, "k", "value " + i)));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }

    private static void assertAllAreRead(Map<String, Object> client, String protocol) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("group.id", "readers-" + protocol);
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        Set<String> read = new HashSet<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            while (read.size() < RECORDS) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    assertThat(read.add(record.value())).isTrue();
                }
            }
        }
    }

    private static double receivedBytes(MillraceProcess node, String listener) {
        return Meters.value(
                node, "millrace_kafka_in_bytes_total{listener=\"%s\"}".formatted(listener));
    }

    @Test
    void anExternalClientUsesExternalAddressesOnly() throws Exception {
        try (Admin admin = Admin.create(outside(token))) {
            createTopic(admin);
            awaitNodesAndLeaders(admin, externalAddresses());
        }
        produce(outside(token));
        assertAllAreRead(outside(token), "classic");
        assertAllAreRead(outside(token), "consumer");
        assertThat(nodes)
                .allSatisfy(node -> {
                    assertThat(receivedBytes(node, "external")).isGreaterThan(1_000);
                    assertThat(receivedBytes(node, "internal")).isZero();
                });
    }

    @Test
    void anInternalClientUsesInternalAddressesOnly() throws Exception {
        try (Admin admin = Admin.create(inside())) {
            createTopic(admin);
            awaitNodesAndLeaders(admin, internalAddresses());
        }
        produce(inside());
        assertAllAreRead(inside(), "classic");
        assertAllAreRead(inside(), "consumer");
        assertThat(nodes)
                .allSatisfy(node -> {
                    assertThat(receivedBytes(node, "internal")).isGreaterThan(1_000);
                    assertThat(receivedBytes(node, "external")).isZero();
                });
    }

    @Test
    void theExternalListenerRefusesAWrongToken() {
        try (Admin admin = Admin.create(outside("wrong"))) {
            assertThatThrownBy(() -> admin.listTopics().names().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void aNodeWithoutAnExternalListenerIsLeftOutForExternalClients() throws Exception {
        Set<String> external = externalAddresses();
        nodes.add(launch("c").awaitReady());
        try (Admin inside = Admin.create(inside());
                Admin outside = Admin.create(outside(token))) {
            createTopic(inside);
            awaitNodesAndLeaders(inside, internalAddresses());
            assertThat(nodesOf(outside)).isEqualTo(external);
            assertThat(leadersOf(outside)).isEqualTo(external);
        }
        produce(outside(token));
    }

    @Test
    void clusterDescribeShowsBothAddresses() {
        MillraceProcess node = nodes.getFirst();
        assertThat(
                        MillraceCommandLine.run("cluster", "describe", "--server", node.address())
                                .ok()
                                .text())
                .contains(internalAddresses())
                .contains(externalAddresses());
        assertThat(
                        MillraceCommandLine.run(
                                        "cluster",
                                        "describe",
                                        "--output",
                                        "json",
                                        "--server",
                                        node.address())
                                .ok()
                                .text())
                .contains(
                        "\"kafka\":\"%s\""
                                .formatted(node.kafkaAddress().replace("localhost", "127.0.0.1")),
                        "\"kafkaExternal\":\"%s\"".formatted(node.externalKafkaAddress()));
    }
}

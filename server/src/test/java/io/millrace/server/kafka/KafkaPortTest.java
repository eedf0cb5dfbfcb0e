package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramName;
import io.millrace.protocol.scram.ScramSummary;
import io.millrace.runtime.tls.TestAuthority;
import io.millrace.runtime.tls.TlsFiles;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own clients at the Kafka port of a whole node in the test's process. */
class KafkaPortTest {

    private static final String TOKEN = "token-of-";

    @TempDir Path folder;

    private Node open(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>();
        settings.put("millrace.data", folder.resolve("data").toString());
        settings.put("millrace.grpc-port", "0");
        settings.put("millrace.kafka-port", "0");
        settings.putAll(more);
        return Node.open(
                ServerSettings.standalone(key -> Optional.ofNullable(settings.get(key))),
                new SimpleMeterRegistry(),
                120L << 20);
    }

    private Map<String, String> withTokens() throws Exception {
        Path tokens = folder.resolve("tokens");
        Files.write(tokens, List.of(line("admin"), line("alice")));
        return Map.of(
                "millrace.auth",
                "token",
                "millrace.auth-tokens-file",
                tokens.toString(),
                "millrace.super-users",
                "User:admin",
                "millrace.audit-log",
                folder.resolve("audit.log").toString());
    }

    private static String line(String user) throws NoSuchAlgorithmException {
        byte[] hash =
                MessageDigest.getInstance("SHA-256")
                        .digest((TOKEN + user).getBytes(StandardCharsets.UTF_8));
        return user + ": " + HexFormat.of().formatHex(hash);
    }

    private static Map<String, Object> client(Node node) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "localhost:" + node.kafkaPort().getAsInt());
        settings.put("request.timeout.ms", "10000");
        settings.put("default.api.timeout.ms", "20000");
        settings.put("max.block.ms", "20000");
        settings.put("client.id", "test");
        return settings;
    }

    private static Map<String, Object> client(Node node, String password) {
        Map<String, Object> settings = client(node);
        settings.put("security.protocol", "SASL_PLAINTEXT");
        settings.put("sasl.mechanism", "PLAIN");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"any\" password=\"%s\";"
                        .formatted(password));
        return settings;
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static List<ConsumerRecord<String, String>> read(
            Map<String, Object> settings, TopicPartition partition, int count) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int polls = 0; polls < 100 && found.size() < count; polls++) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
        }
        return found;
    }

    @Test
    void aProducedRecordIsConsumed() throws Exception {
        try (Node node = open(Map.of())) {
            try (KafkaProducer<String, String> producer = producer(client(node))) {
                for (int i = 0; i < 10; i++) {
                    RecordMetadata stored =
                            producer.send(new ProducerRecord<>("events", "k" + i, "v" + i))
                                    .get(20, TimeUnit.SECONDS);
                    assertThat(stored.offset()).isEqualTo(i);
                }
            }
            assertThat(read(client(node), new TopicPartition("events", 0), 10))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9");
        }
    }

    @Test
    void theClusterIsDescribedWithItsAdvertisedAddress() throws Exception {
        try (Node node = open(Map.of("millrace.kafka-advertise", "127.0.0.1"));
                Admin admin = Admin.create(client(node))) {
            DescribeClusterResult cluster = admin.describeCluster();
            assertThat(cluster.nodes().get(20, TimeUnit.SECONDS))
                    .singleElement()
                    .satisfies(broker -> {
                        assertThat(broker.host()).isEqualTo("127.0.0.1");
                        assertThat(broker.port()).isEqualTo(node.kafkaPort().getAsInt());
                        assertThat(broker.id()).isEqualTo(1);
                    });
            assertThat(cluster.clusterId().get()).isNotEmpty();
            assertThat(cluster.controller().get().id()).isEqualTo(1);
        }
    }

    @Test
    void aTokenIsThePasswordOfSaslPlain() throws Exception {
        try (Node node = open(withTokens())) {
            try (KafkaProducer<String, String> producer = producer(client(node, TOKEN + "admin"))) {
                producer.send(new ProducerRecord<>("events", "v")).get(20, TimeUnit.SECONDS);
            }
            assertThat(read(client(node, TOKEN + "admin"), new TopicPartition("events", 0), 1))
                    .hasSize(1);
        }
    }

    @Test
    void aClientCertificateIsThePrincipal() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        TlsFiles.CertificateFiles server =
                authority.issue("node", "localhost").writeTo(folder, "node");
        TlsFiles.CertificateFiles admin = authority.issue("admin").writeTo(folder, "admin");
        Path trust = authority.writeTo(folder.resolve("ca.crt"));
        Map<String, String> secured =
                Map.of(
                        "millrace.tls-certificate", server.certificate().toString(),
                        "millrace.tls-key", server.key().toString(),
                        "millrace.tls-trust", trust.toString(),
                        "millrace.tls-client-auth", "required",
                        "millrace.auth", "certificate",
                        "millrace.auth-certificate-principal", "cn",
                        "millrace.super-users", "User:admin");
        try (Node node = open(secured)) {
            Map<String, Object> settings = client(node);
            settings.put("security.protocol", "SSL");
            settings.put("ssl.truststore.type", "PEM");
            settings.put("ssl.truststore.location", trust.toString());
            settings.put("ssl.keystore.type", "PEM");
            settings.put("ssl.keystore.certificate.chain", Files.readString(admin.certificate()));
            settings.put("ssl.keystore.key", Files.readString(admin.key()));
            try (KafkaProducer<String, String> producer = producer(settings)) {
                producer.send(new ProducerRecord<>("events", "v")).get(20, TimeUnit.SECONDS);
            }
            assertThat(read(settings, new TopicPartition("events", 0), 1)).hasSize(1);
        }
    }

    /** Settings of an open internal listener, and an external one with SASL over TLS. */
    private Map<String, String> withExternal(TestAuthority authority) throws Exception {
        TlsFiles.CertificateFiles server =
                authority.issue("node", "localhost").writeTo(folder, "node");
        Map<String, String> settings = new HashMap<>(withTokens());
        settings.remove("millrace.auth");
        settings.put("millrace.super-users", "User:admin;User:ANONYMOUS");
        settings.put("millrace.kafka-advertise", "127.0.0.1");
        settings.put("millrace.kafka-external-port", "0");
        settings.put("millrace.kafka-external-advertise", "localhost");
        settings.put("millrace.kafka-external-auth", "token");
        settings.put("millrace.kafka-external-tls-certificate", server.certificate().toString());
        settings.put("millrace.kafka-external-tls-key", server.key().toString());
        return settings;
    }

    private static Map<String, Object> externalClient(Node node, Path trust, String password) {
        Map<String, Object> settings = client(node, password);
        settings.put(
                "bootstrap.servers",
                "localhost:" + node.kafkaPort(KafkaListener.EXTERNAL).getAsInt());
        settings.put("security.protocol", "SASL_SSL");
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.location", trust.toString());
        return settings;
    }

    @Test
    void anExternalListenerHasItsOwnAddressAndSecurity() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        Path trust = authority.writeTo(folder.resolve("ca.crt"));
        try (Node node = open(withExternal(authority))) {
            Map<String, Object> outside = externalClient(node, trust, TOKEN + "admin");
            try (Admin inside = Admin.create(client(node));
                    Admin admin = Admin.create(outside)) {
                assertThat(inside.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                        .extracting(org.apache.kafka.common.Node::host)
                        .containsExactly("127.0.0.1");
                assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                        .singleElement()
                        .satisfies(broker -> {
                            assertThat(broker.host()).isEqualTo("localhost");
                            assertThat(broker.port())
                                    .isEqualTo(node.kafkaPort(KafkaListener.EXTERNAL).getAsInt());
                        });
            }
            try (KafkaProducer<String, String> producer = producer(outside)) {
                producer.send(new ProducerRecord<>("events", "v")).get(20, TimeUnit.SECONDS);
            }
            assertThat(read(client(node), new TopicPartition("events", 0), 1)).hasSize(1);
            assertThat(read(outside, new TopicPartition("events", 0), 1)).hasSize(1);
        }
    }

    @Test
    void theRightsOfAnExternalClientAreThoseOfItsPrincipal() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        Path trust = authority.writeTo(folder.resolve("ca.crt"));
        try (Node node = open(withExternal(authority))) {
            assertRefused(externalClient(node, trust, "wrong"));
            try (KafkaProducer<String, String> producer =
                    producer(externalClient(node, trust, TOKEN + "alice"))) {
                assertThatThrownBy(() ->
                                producer.send(new ProducerRecord<>("events", "v"))
                                        .get(20, TimeUnit.SECONDS))
                        .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            }
            try (MillraceClient client =
                    MillraceClient.connect(ClientSettings.of("localhost:" + node.grpcPort()))) {
                client.topics().create("orders", 1, Map.of());
            }
        }
        Map<String, String> closed = withExternal(authority);
        closed.put("millrace.super-users", "User:admin");
        try (Node node = open(closed);
                Admin anonymous = Admin.create(client(node))) {
            assertThatThrownBy(() ->
                            anonymous
                                    .createTopics(List.of(new NewTopic("more", 1, (short) 1)))
                                    .all()
                                    .get(20, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void anUnknownTokenIsRefusedAndRecorded() throws Exception {
        try (Node node = open(withTokens())) {
            try (Admin admin = Admin.create(client(node, "wrong"))) {
                assertThatThrownBy(() -> admin.listTopics().names().get(20, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
            }
        }
        assertThat(Files.readString(folder.resolve("audit.log")))
                .contains("Kafka/SaslAuthenticate")
                .doesNotContain("wrong");
    }

    @Test
    void aClientWithoutCredentialsIsRefused() throws Exception {
        try (Node node = open(withTokens())) {
            try (Admin admin = Admin.create(client(node))) {
                assertThatThrownBy(() -> admin.listTopics().names().get(25, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class);
            }
        }
        assertThat(Files.readString(folder.resolve("audit.log"))).contains("Kafka/");
    }

    @Test
    void aPrincipalWithoutRightsIsRefusedAndRecorded() throws Exception {
        try (Node node = open(withTokens())) {
            try (KafkaProducer<String, String> producer = producer(client(node, TOKEN + "alice"))) {
                assertThatThrownBy(() ->
                                producer.send(new ProducerRecord<>("events", "v"))
                                        .get(20, TimeUnit.SECONDS))
                        .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            }
        }
        assertThat(Files.readString(folder.resolve("audit.log")))
                .contains("Kafka/Metadata")
                .contains("User:alice");
    }

    private static Map<String, Object> scramClient(
            Node node, ScramMechanism mechanism, String user, String password) {
        Map<String, Object> settings = client(node);
        settings.put("security.protocol", "SASL_PLAINTEXT");
        settings.put("sasl.mechanism", mechanism.mechanismName());
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user, password));
        return settings;
    }

    private static void alter(Admin admin, UserScramCredentialAlteration... alterations)
            throws Exception {
        admin.alterUserScramCredentials(List.of(alterations)).all().get(20, TimeUnit.SECONDS);
    }

    private static UserScramCredentialAlteration password(
            String user, ScramMechanism mechanism, String password) {
        return new UserScramCredentialUpsertion(
                user, new ScramCredentialInfo(mechanism, 4096), password);
    }

    private Map<String, String> withScram() throws Exception {
        Map<String, String> settings = new HashMap<>(withTokens());
        settings.put("millrace.auth", "token,scram");
        return settings;
    }

    private static void assertRefused(Map<String, Object> settings) {
        try (Admin refused = Admin.create(settings)) {
            assertThatThrownBy(() -> refused.listTopics().names().get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void usersAuthenticateByScramAfterRestartsToo() throws Exception {
        try (Node node = open(withScram())) {
            try (Admin admin = Admin.create(client(node, TOKEN + "admin"))) {
                alter(
                        admin,
                        password("alice", ScramMechanism.SCRAM_SHA_512, "secret,of=alice"),
                        password("bob", ScramMechanism.SCRAM_SHA_256, "secret-of-bob"));
                admin.createTopics(List.of(new NewTopic("events", 1, (short) 1)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
                for (String user : List.of("User:alice", "User:bob")) {
                    admin.createAcls(
                                    List.of(
                                            new AclBinding(
                                                    new ResourcePattern(
                                                            ResourceType.TOPIC,
                                                            "events",
                                                            PatternType.LITERAL),
                                                    new AccessControlEntry(
                                                            user,
                                                            "*",
                                                            AclOperation.ALL,
                                                            AclPermissionType.ALLOW))))
                            .all()
                            .get(20, TimeUnit.SECONDS);
                }
            }
        }
        try (Node node = open(withScram())) {
            Map<String, Object> alice =
                    scramClient(node, ScramMechanism.SCRAM_SHA_512, "alice", "secret,of=alice");
            Map<String, Object> bob =
                    scramClient(node, ScramMechanism.SCRAM_SHA_256, "bob", "secret-of-bob");
            try (KafkaProducer<String, String> producer = producer(alice)) {
                producer.send(new ProducerRecord<>("events", "v")).get(20, TimeUnit.SECONDS);
            }
            assertThat(read(bob, new TopicPartition("events", 0), 1)).hasSize(1);
        }
        assertThat(Files.readString(folder.resolve("audit.log")))
                .contains("Kafka/AlterUserScramCredentials", "name='alice'")
                .doesNotContain("salt", "secret");
    }

    @Test
    void wrongPasswordsAndUnknownUsersOfScramAreRefusedAlikeAndRecorded() throws Exception {
        try (Node node = open(withScram());
                Admin admin = Admin.create(client(node, TOKEN + "admin"))) {
            alter(admin, password("alice", ScramMechanism.SCRAM_SHA_512, "secret"));
            assertRefused(scramClient(node, ScramMechanism.SCRAM_SHA_512, "alice", "wrong"));
            assertRefused(scramClient(node, ScramMechanism.SCRAM_SHA_512, "bob", "secret"));
            assertRefused(scramClient(node, ScramMechanism.SCRAM_SHA_256, "alice", "secret"));
        }
        assertThat(Files.readAllLines(folder.resolve("audit.log")))
                .filteredOn(line -> line.contains("Kafka/SaslAuthenticate"))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(line ->
                        assertThat(line)
                                .contains("UNAUTHENTICATED")
                                .doesNotContain("alice", "bob"));
    }

    @Test
    void credentialsOfScramAreDescribedAndRemoved() throws Exception {
        try (Node node = open(withScram());
                Admin admin = Admin.create(client(node, TOKEN + "admin"))) {
            alter(admin, password("alice", ScramMechanism.SCRAM_SHA_512, "secret"));
            alter(admin, password("alice", ScramMechanism.SCRAM_SHA_256, "secret"));
            assertThat(
                            admin.describeUserScramCredentials()
                                    .description("alice")
                                    .get(20, TimeUnit.SECONDS)
                                    .credentialInfos())
                    .containsExactlyInAnyOrder(
                            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096));

            Map<String, Object> alice =
                    scramClient(node, ScramMechanism.SCRAM_SHA_512, "alice", "secret");
            try (Admin connected = Admin.create(alice)) {
                connected.describeCluster().nodes().get(20, TimeUnit.SECONDS);
                assertThatThrownBy(() ->
                                connected
                                        .describeUserScramCredentials()
                                        .all()
                                        .get(20, TimeUnit.SECONDS))
                        .hasRootCauseInstanceOf(ClusterAuthorizationException.class);
                alter(
                        admin,
                        new UserScramCredentialDeletion("alice", ScramMechanism.SCRAM_SHA_512));
                assertThatThrownBy(
                                () -> connected.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
            }
            assertThatThrownBy(() ->
                            alter(
                                    admin,
                                    new UserScramCredentialDeletion(
                                            "alice", ScramMechanism.SCRAM_SHA_512)))
                    .hasCauseInstanceOf(ResourceNotFoundException.class);
        }
    }

    @Test
    void aPasswordThatIsSetOverGrpcIsAccepted() throws Exception {
        ScramName alice = new ScramName("alice", io.millrace.protocol.scram.ScramMechanism.SHA_512);
        try (Node node = open(withScram());
                MillraceClient client =
                        MillraceClient.connect(
                                ClientSettings.of("localhost:" + node.grpcPort())
                                        .withTokens(() -> TOKEN + "admin"))) {
            client.scram()
                    .change(
                            List.of(SaltedPassword.of(alice, "secret", 5_000, new byte[30])),
                            List.of());
            assertThat(client.scram().list()).containsExactly(new ScramSummary(alice, 5_000));
            try (Admin connected =
                    Admin.create(
                            scramClient(node, ScramMechanism.SCRAM_SHA_512, "alice", "secret"))) {
                assertThat(connected.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                        .hasSize(1);
            }
            client.scram().change(List.of(), List.of(alice));
            assertThat(client.scram().list()).isEmpty();
            assertThatThrownBy(() ->
                            client.scram()
                                    .change(
                                            List.of(
                                                    SaltedPassword.of(
                                                            new ScramName("*", alice.mechanism()),
                                                            "secret",
                                                            5_000,
                                                            new byte[30])),
                                            List.of()))
                    .hasMessageContaining("reserved");
        }
        assertThat(Files.readString(folder.resolve("audit.log")))
                .contains("Security/ChangeScramCredentials", "user: \\\"alice\\\"", "5000")
                .doesNotContain("salt", "hash", "secret");
    }

    @Test
    void administrationIsRecorded() throws Exception {
        try (Node node = open(withTokens())) {
            try (Admin admin = Admin.create(client(node, TOKEN + "admin"))) {
                NewTopic topic = new NewTopic("orders", 2, (short) 1);
                admin.createTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS);
                assertThatThrownBy(() ->
                                admin.createTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TopicExistsException.class);
            }
            try (Admin alice = Admin.create(client(node, TOKEN + "alice"))) {
                assertThatThrownBy(() ->
                                alice.deleteTopics(List.of("orders"))
                                        .all()
                                        .get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TopicAuthorizationException.class);
            }
        }
        assertThat(Files.readAllLines(folder.resolve("audit.log")))
                .anySatisfy(line ->
                        assertThat(line)
                                .contains("User:admin", "Kafka/CreateTopics", "\"OK\"", "orders"))
                .anySatisfy(line ->
                        assertThat(line)
                                .contains("User:admin", "Kafka/CreateTopics", "TOPIC_EXISTS"))
                .anySatisfy(line ->
                        assertThat(line)
                                .contains(
                                        "User:alice",
                                        "Kafka/DeleteTopics",
                                        "TOPIC orders",
                                        "NOT_AUTHORIZED"));
    }
}

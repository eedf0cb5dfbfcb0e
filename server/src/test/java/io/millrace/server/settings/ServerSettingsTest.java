package io.millrace.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.ingest.block.IngestSettings.Profile;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.Role;
import io.millrace.runtime.tls.TlsFiles;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.tls.ClientCertificates;
import io.millrace.security.tls.TlsSettings;
import io.millrace.storage.object.s3.ObjectEncryption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerSettingsTest {

    @Test
    void nothingNeedsToBeSet() {
        ServerSettings settings = from(Map.of());
        assertThat(settings.grpcPort()).isEqualTo(9090);
        assertThat(settings.bucket()).hasToString("file:millrace-data/bucket");
        assertThat(settings.s3Endpoint()).isEmpty();
    }

    @Test
    void theBucketOfAFolderFollowsTheDataFolder() {
        assertThat(from(Map.of("millrace.data", "/x")).bucket()).hasToString("file:/x/bucket");
        assertThat(from(Map.of("millrace.bucket", "s3://my-bucket")).bucket())
                .isEqualTo(new BucketAddress.S3("my-bucket"));
    }

    @Test
    void thereIsADiskCacheOnlyWhereItHasAFolder() {
        assertThat(from(Map.of("millrace.disk-cache-mib", "5")).diskCache()).isEmpty();
        assertThat(
                        from(Map.of(
                                        "millrace.disk-cache", "/x",
                                        "millrace.disk-cache-mib", "4096"))
                                .diskCache())
                .contains(new ServerSettings.DiskCache(Path.of("/x"), 4L << 30));
    }

    @Test
    void theProfileSuitsTheBucket() {
        assertThat(from(Map.of()).profile()).isEqualTo(Profile.LATENCY);
        assertThat(from(Map.of("millrace.bucket", "s3://logs")).profile())
                .isEqualTo(Profile.BALANCED);
        assertThat(from(Map.of("millrace.profile", "economy")).profile())
                .isEqualTo(Profile.ECONOMY);
    }

    @Test
    void tracingIsOffByDefault() {
        assertThat(from(Map.of("millrace.tracing-sample", "0.5")).tracing()).isEmpty();
        assertThat(
                        from(Map.of(
                                        "millrace.tracing", "otlp",
                                        "millrace.tracing-endpoint", "http://collector:4318/",
                                        "millrace.tracing-sample", "0.5"))
                                .tracing())
                .contains(new ServerSettings.Tracing("http://collector:4318", 0.5));
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.grpc-port, 65536, --grpc-port",
        "millrace.management-port, many, --management-port",
        "millrace.bucket, ftp://x, --bucket",
        "millrace.bucket, s3://Not_Legal, --bucket",
        "millrace.s3-endpoint, nowhere, --s3-endpoint",
        "millrace.profile, quick, --profile",
        "millrace.cluster, Über, millrace.cluster",
        "millrace.drain-timeout-ms, -1, millrace.drain-timeout-ms",
        "millrace.ingest-memory-percent, 60, millrace.ingest-memory-percent",
        "millrace.disk-cache-mib, 0, millrace.disk-cache-mib",
        "millrace.group-offsets-retention-s, 0, millrace.group-offsets-retention-s",
        "millrace.group-lag-partitions, -1, millrace.group-lag-partitions",
        "millrace.orphan-interval-s, 0, millrace.orphan-interval-s",
        "millrace.adopt-bucket, yes, --adopt-bucket",
        "millrace.tracing, jaeger, millrace.tracing",
        "millrace.tracing-endpoint, localhost:4317, millrace.tracing-endpoint",
        "millrace.tracing-sample, 1.5, millrace.tracing-sample",
        "millrace.tracing-sample, NaN, millrace.tracing-sample",
        "millrace.tls-certificate, /x.crt, --tls-key",
        "millrace.management-tls-certificate, /x.crt, millrace.management-tls-key",
        "millrace.management-tls-key, /x.key, millrace.management-tls-certificate",
        "millrace.tls-key, /x.key, --tls-certificate",
        "millrace.tls-trust, /ca.crt, --tls-certificate",
        "millrace.tls-client-auth, required, --tls-certificate",
        "millrace.tls-node-name, node, --tls-certificate",
        "millrace.s3-encryption, rot13, millrace.s3-encryption",
        "millrace.s3-kms-key-id, key, millrace.s3-encryption",
        "millrace.kafka-port, 65536, --kafka-port",
        "millrace.kafka-port, on, --kafka-port",
        "millrace.kafka-advertise, host:0, --kafka-advertise",
        "millrace.kafka-zones, 10.1.0.0=a, millrace.kafka-zones",
        "millrace.kafka-zones, 10.1.0.0/33=a, millrace.kafka-zones",
        "millrace.kafka-zones, host/8=a, millrace.kafka-zones",
        "millrace.kafka-create-topics, yes, millrace.kafka-create-topics",
        "millrace.kafka-partitions, 0, millrace.kafka-partitions",
        "millrace.kafka-rebalance-delay-ms, -1, millrace.kafka-rebalance-delay-ms",
        "millrace.kafka-rebalance-delay-ms, 300001, millrace.kafka-rebalance-delay-ms",
        "millrace.kafka-session-timeout-ms, 999, millrace.kafka-session-timeout-ms",
        "millrace.kafka-heartbeat-interval-ms, 99, millrace.kafka-heartbeat-interval-ms",
        "millrace.kafka-heartbeat-interval-ms, 45000, millrace.kafka-session-timeout-ms",
    })
    void aWrongValueIsRefusedByName(String key, String value, String named) {
        assertThatThrownBy(() -> from(Map.of(key, value)))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named)
                .hasMessageEndingWith(".");
    }

    private static ListenerSettings internal(KafkaSettings settings) {
        return settings.listener(KafkaListener.INTERNAL).orElseThrow();
    }

    @Test
    void aSingleServerServesKafkaClientsAndCreatesTheirTopics() {
        KafkaSettings usual = from(Map.of()).kafka().orElseThrow();
        assertThat(internal(usual).port()).isEqualTo(9092);
        assertThat(usual.createsTopics()).isTrue();
        assertThat(usual.partitions()).isEqualTo(1);
        assertThat(from(Map.of("millrace.kafka-port", "off")).kafka()).isEmpty();
        KafkaSettings given =
                from(Map.of(
                                "millrace.kafka-port", "0",
                                "millrace.kafka-advertise", "kafka.example:19092",
                                "millrace.kafka-zones", "10.1.0.0/16=a, fd00::/8=b",
                                "millrace.kafka-create-topics", "false",
                                "millrace.kafka-partitions", "4"))
                        .kafka()
                        .orElseThrow();
        assertThat(internal(given).port()).isZero();
        assertThat(internal(given).advertised())
                .contains(new LogLocation.Address("kafka.example", Optional.of(19092)));
        assertThat(given.zones().ranges()).hasSize(2);
        assertThat(given.createsTopics()).isFalse();
        assertThat(given.partitions()).isEqualTo(4);
    }

    private static ListenerSettings external(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of("millrace.kafka-external-port", "0"));
        settings.putAll(more);
        return from(settings).kafka().orElseThrow().listener(KafkaListener.EXTERNAL).orElseThrow();
    }

    @Test
    void anExternalListenerHasTheSecurityOfTheGrpcPortUnlessItHasItsOwn() {
        assertThat(from(Map.of()).kafka().orElseThrow().listener(KafkaListener.EXTERNAL)).isEmpty();
        assertThat(external(Map.of()).tls()).isEmpty();
        assertThat(external(Map.of()).authentication()).isEqualTo(AuthenticationSettings.OFF);

        Map<String, String> inherited =
                Map.of(
                        "millrace.tls-certificate", "node.crt",
                        "millrace.tls-key", "node.key",
                        "millrace.tls-trust", "ca.crt",
                        "millrace.tls-client-auth", "required",
                        "millrace.auth", "certificate");
        Map<String, String> serving = new HashMap<>(inherited);
        serving.put("millrace.kafka-external-port", "0");
        ListenerSettings same = external(inherited);
        assertThat(same.tls()).isEqualTo(from(serving).tls()).isPresent();
        assertThat(same.authentication()).isEqualTo(from(serving).authentication());

        Map<String, String> own = new HashMap<>(inherited);
        own.put("millrace.kafka-external-tls-certificate", "public.crt");
        own.put("millrace.kafka-external-tls-key", "public.key");
        own.put("millrace.kafka-external-tls-client-auth", "none");
        own.put("millrace.kafka-external-auth", "token,scram");
        own.put("millrace.auth-tokens-file", "tokens");
        own.put("millrace.kafka-external-advertise", "kafka.example:19094");
        ListenerSettings different = external(own);
        assertThat(different.tls().orElseThrow().files())
                .isEqualTo(
                        new TlsFiles(
                                Optional.of(
                                        new TlsFiles.CertificateFiles(
                                                Path.of("public.crt"), Path.of("public.key"))),
                                Optional.of(Path.of("ca.crt"))));
        assertThat(different.tls().orElseThrow().clients()).isEqualTo(ClientCertificates.NONE);
        assertThat(different.authentication().methods())
                .containsExactlyInAnyOrder(AuthenticationMethod.TOKEN, AuthenticationMethod.SCRAM);
        assertThat(different.advertised())
                .contains(new LogLocation.Address("kafka.example", Optional.of(19094)));

        Map<String, String> plaintext = new HashMap<>(own);
        plaintext.put("millrace.kafka-external-tls-certificate", "none");
        plaintext.remove("millrace.kafka-external-tls-key");
        plaintext.remove("millrace.kafka-external-tls-client-auth");
        assertThat(external(plaintext).tls()).isEmpty();
    }

    @Test
    void allMethodsOfAllPortsAreOpened() {
        ServerSettings settings =
                from(
                        Map.of(
                                "millrace.kafka-external-port", "0",
                                "millrace.kafka-external-auth", "token",
                                "millrace.auth-tokens-file", "tokens"));
        assertThat(settings.authentication().isOn()).isFalse();
        assertThat(settings.authenticationOfAllPorts().methods())
                .containsExactly(AuthenticationMethod.TOKEN);
        assertThat(settings.authenticationOfAllPorts().tokensFile()).contains(Path.of("tokens"));
    }

    private static void assertRefused(Map<String, String> settings, String... named) {
        assertThatThrownBy(() -> from(settings))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContainingAll(named)
                .hasMessageEndingWith(".");
    }

    @Test
    void settingsOfAnExternalListenerThatContradictAreRefused() {
        assertRefused(
                Map.of("millrace.kafka-port", "off", "millrace.kafka-external-port", "9094"),
                "--kafka-external-port",
                "--kafka-port");
        assertRefused(
                Map.of(
                        "millrace.kafka-external-port", "9094",
                        "millrace.kafka-external-tls-client-auth", "required"),
                "millrace.kafka-external-tls-client-auth",
                "millrace.kafka-external-tls-certificate");
        assertRefused(
                Map.of(
                        "millrace.kafka-external-port", "9094",
                        "millrace.kafka-external-tls-certificate", "public.crt"),
                "millrace.kafka-external-tls-certificate",
                "millrace.kafka-external-tls-key");
        assertRefused(
                Map.of(
                        "millrace.kafka-external-port", "9094",
                        "millrace.kafka-external-auth", "token"),
                "millrace.kafka-external-auth",
                "millrace.auth-tokens-file");
        assertRefused(
                Map.of(
                        "millrace.kafka-external-port", "9094",
                        "millrace.tls-certificate", "node.crt",
                        "millrace.tls-key", "node.key",
                        "millrace.tls-trust", "ca.crt",
                        "millrace.tls-client-auth", "required",
                        "millrace.auth", "certificate",
                        "millrace.kafka-external-tls-client-auth", "none"),
                "millrace.kafka-external-tls-client-auth",
                "millrace.kafka-external-auth");
    }

    @Test
    void theTimesOfGroupsAreThoseOfKafkaAndCanBeChanged() {
        GroupTimes ofSingle = from(Map.of()).kafka().orElseThrow().groupTimes();
        assertThat(ofSingle.initialDelay()).isZero();
        assertThat(ofSingle.sessionTimeout()).isEqualTo(GroupTimes.DEFAULT.sessionTimeout());
        Map<String, String> node =
                Map.of(
                        "millrace.etcd", "http://localhost:2379",
                        "millrace.bucket", "s3://logs",
                        "millrace.kafka-port", "9092");
        assertThat(node(node).kafka().orElseThrow().groupTimes()).isEqualTo(GroupTimes.DEFAULT);
        assertThat(
                        from(Map.of(
                                        "millrace.kafka-rebalance-delay-ms", "500",
                                        "millrace.kafka-session-timeout-ms", "30000",
                                        "millrace.kafka-heartbeat-interval-ms", "1000"))
                                .kafka()
                                .orElseThrow()
                                .groupTimes())
                .isEqualTo(
                        new GroupTimes(
                                Duration.ofMillis(500),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(1)));
    }

    @Test
    void aNodeServesKafkaClientsOnRequestIfItHasBothRoles() {
        Map<String, String> closed =
                Map.of("millrace.etcd", "http://localhost:2379", "millrace.bucket", "s3://logs");
        assertThat(node(closed).kafka()).isEmpty();
        Map<String, String> open = new HashMap<>(closed);
        open.put("millrace.kafka-port", "9092");
        assertThat(node(open).kafka().orElseThrow().createsTopics()).isFalse();
        open.put("millrace.roles", "fetch");
        assertThatThrownBy(() -> node(open))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining("--kafka-port");
    }

    @Test
    void tlsIsOnWithACertificate() {
        assertThat(from(Map.of("millrace.tls-client-auth", "none")).tls()).isEmpty();

        TlsSettings tls =
                from(withCertificate(
                                Map.of(
                                        "millrace.tls-trust", "/ca.crt",
                                        "millrace.tls-client-auth", "required",
                                        "millrace.tls-node-name", "millrace-node")))
                        .tls()
                        .orElseThrow();

        assertThat(tls.clients()).isEqualTo(ClientCertificates.REQUIRED);
        assertThat(tls.nodeName()).contains("millrace-node");
        assertThat(tls.files().trust()).contains(Path.of("/ca.crt"));
        assertThat(from(withCertificate(Map.of())).tls().orElseThrow().clients())
                .isEqualTo(ClientCertificates.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.tls-client-auth, required, --tls-trust",
        "millrace.tls-client-auth, maybe, millrace.tls-client-auth",
        "millrace.tls-node-name, a name, millrace.tls-node-name",
    })
    void aWrongValueOfTlsIsRefusedByName(String key, String value, String named) {
        assertThatThrownBy(() -> from(withCertificate(Map.of(key, value))))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named)
                .hasMessageEndingWith(".");
    }

    private static Map<String, String> withCertificate(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.put("millrace.tls-certificate", "/x.crt");
        all.put("millrace.tls-key", "/x.key");
        return all;
    }

    @Test
    void objectsAreEncryptedAsConfigured() {
        assertThat(from(Map.of()).encryption()).isEqualTo(new ObjectEncryption.OfBucket());
        assertThat(from(Map.of("millrace.s3-encryption", "s3")).encryption())
                .isEqualTo(new ObjectEncryption.S3Keys());
        assertThat(
                        from(Map.of(
                                        "millrace.s3-encryption", "kms",
                                        "millrace.s3-kms-key-id", "alias/logs"))
                                .encryption())
                .isEqualTo(new ObjectEncryption.KmsKey(Optional.of("alias/logs")));
    }

    @Test
    void aNodeNeedsEtcdAndABucket() {
        assertThatThrownBy(() -> node(Map.of()))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining("--etcd");
        assertThatThrownBy(() -> node(Map.of("millrace.etcd", "http://localhost:2379")))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining("--bucket");
    }

    @Test
    void aNodeHasAllRolesUnlessToldOtherwise() {
        assertThat(cluster(Map.of()).roles()).containsExactlyInAnyOrder(Role.values());
        assertThat(cluster(Map.of("millrace.roles", "fetch")).roles()).containsExactly(Role.FETCH);
    }

    @Test
    void anAddressToBeReachedAtMayHaveAPort() {
        assertThat(cluster(Map.of("millrace.advertise", "me")).advertised())
                .contains(new LogLocation.Address("me", Optional.empty()));
        assertThat(cluster(Map.of("millrace.advertise", "me.local:80")).advertised())
                .contains(new LogLocation.Address("me.local", Optional.of(80)));
    }

    @Test
    void thePasswordOfEtcdIsNotShown() {
        assertThat(
                        cluster(
                                Map.of(
                                        "millrace.etcd-user", "me",
                                        "millrace.etcd-password", "secret")))
                .asString()
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.etcd, localhost, --etcd",
        "millrace.etcd, http://localhost, --etcd",
        "millrace.roles, all, --roles",
        "millrace.roles, ',', --roles",
        "millrace.zone, a zone, --zone",
        "millrace.node-id, /x, --node-id",
        "millrace.advertise, x:70000, --advertise",
        "millrace.etcd-user, me, millrace.etcd-password",
        "millrace.etcd-ca, /no/such/file, /no/such/file",
        "millrace.node-lease-s, 1, millrace.node-lease-s",
        "millrace.seal-age-s, 0, millrace.seal-age-s",
        "millrace.metadata-retention-s, 21601, millrace.metadata-retention-s",
    })
    void aWrongValueOfANodeIsRefusedByName(String key, String value, String named) {
        assertThatThrownBy(() -> cluster(Map.of(key, value)))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named)
                .hasMessageEndingWith(".");
    }

    private static LogLocation.Cluster cluster(Map<String, String> given) {
        Map<String, String> all = new HashMap<>();
        all.put("millrace.etcd", "http://localhost:2379");
        all.put("millrace.bucket", "s3://logs");
        all.putAll(given);
        return (LogLocation.Cluster) node(all).log();
    }

    private static ServerSettings node(Map<String, String> given) {
        return ServerSettings.node(key -> Optional.ofNullable(given.get(key)));
    }

    @Test
    void everySettingIsDocumented() throws IOException {
        String document = Files.readString(Path.of("../docs/configuration.md"));
        for (Setting setting : Setting.values()) {
            String row =
                    "| `%s` | %s | `%s` | `%s` |"
                            .formatted(
                                    setting.key(),
                                    setting.flag().isEmpty() ? "" : "`" + setting.flag() + "`",
                                    setting.variable(),
                                    setting.defaultValue());
            assertThat(document).contains(row.replace("|  |", "| |"));
        }
        long rows = document.lines().filter(line -> line.startsWith("| `millrace.")).count();
        assertThat(rows).as("rows of settings").isEqualTo(Setting.values().length);
    }

    private static ServerSettings from(Map<String, String> given) {
        return ServerSettings.standalone(key -> Optional.ofNullable(given.get(key)));
    }

    @Test
    void aNodeOfOneRoleHasTheMemoryOfAll() {
        ServerSettings.Memory all = new ServerSettings.Memory(25, 25, 12, 12);

        assertThat(all.forRoles(Set.of(Role.FETCH)))
                .isEqualTo(new ServerSettings.Memory(0, 0, 50, 0));
        assertThat(new ServerSettings.Memory(0, 10, 60, 5).forRoles(Set.of(Role.FETCH)))
                .isEqualTo(new ServerSettings.Memory(0, 0, 60, 0));
        assertThat(all.forRoles(Set.of(Role.FETCH, Role.COMPACTION)))
                .isEqualTo(new ServerSettings.Memory(0, 0, 38, 12));
        assertThat(all.forRoles(Set.of(Role.INGEST)))
                .isEqualTo(new ServerSettings.Memory(62, 0, 0, 0));
        assertThat(all.forRoles(Set.of(Role.COMPACTION)))
                .isEqualTo(new ServerSettings.Memory(0, 0, 0, 50));
        assertThat(all.forRoles(Set.of(Role.INGEST, Role.FETCH)))
                .isEqualTo(new ServerSettings.Memory(25, 25, 12, 0));
        assertThat(all.forRoles(Set.of(Role.values()))).isEqualTo(all);
    }
}

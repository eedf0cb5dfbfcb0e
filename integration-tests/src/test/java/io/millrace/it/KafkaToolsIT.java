package io.millrace.it;

import static io.millrace.it.KafkaTool.CONFIGS;
import static io.millrace.it.KafkaTool.GROUPS;
import static io.millrace.it.KafkaTool.TOOLS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tools of Kafka's distribution that {@link KafkaConsoleToolsIT} does not run. */
@Tag("full")
@Timeout(300)
class KafkaToolsIT {

    @TempDir static Path data;
    private static MillraceProcess server;

    @BeforeAll
    static void startServer() {
        server = MillraceProcess.up(data);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void verifiableClientsProduceAndConsume() {
        server.createTopic("verifiable", 3);
        assertThat(
                        run(
                                TOOLS + "VerifiableProducer",
                                "--topic",
                                "verifiable",
                                "--max-messages",
                                "1000",
                                "--throughput",
                                "-1"))
                .contains("\"sent\":1000,\"acked\":1000");
        for (String protocol : new String[] {"classic", "consumer"}) {
            assertThat(
                            run(
                                    TOOLS + "VerifiableConsumer",
                                    "--topic",
                                    "verifiable",
                                    "--group-id",
                                    protocol,
                                    "--group-protocol",
                                    protocol,
                                    "--max-messages",
                                    "1000",
                                    "--reset-policy",
                                    "earliest"))
                    .contains("records_consumed", "\"success\":true", "shutdown_complete")
                    .doesNotContain("\"success\":false");
        }
        assertThat(run(GROUPS, "--describe", "--state", "--group", "classic")).contains("Empty");
        assertThat(run(TOOLS + "GroupsCommand", "--list"))
                .containsPattern("classic +Classic")
                .containsPattern("consumer +Consumer");
        assertThat(run(GROUPS, "--delete-offsets", "--group", "classic", "--topic", "verifiable"))
                .contains("Successful");
    }

    @Test
    void performanceToolsProduceAndConsume() {
        server.createTopic("perf", 3);
        assertThat(
                        run(
                                TOOLS + "ProducerPerformance",
                                "--topic",
                                "perf",
                                "--num-records",
                                "10000",
                                "--record-size",
                                "100",
                                "--throughput",
                                "-1"))
                .contains("10000 records sent");
        assertThat(run(TOOLS + "ConsumerPerformance", "--topic", "perf", "--num-records", "10000"))
                .contains(", 10000, ")
                .doesNotContain("Exiting before consuming");
        assertThat(
                        run(
                                TOOLS + "EndToEndLatency",
                                "--topic",
                                "latency",
                                "--num-records",
                                "50",
                                "--producer-acks",
                                "all",
                                "--record-size",
                                "100"))
                .contains("Avg latency");
    }

    @Test
    void theServerDescribesItself() {
        assertThat(run(TOOLS + "BrokerApiVersionsCommand"))
                .contains("Produce(0): 0 to 13", "AddPartitionsToTxn(24): UNSUPPORTED");
        assertThat(KafkaTool.runCommand(server, TOOLS + "ClusterTool", "cluster-id").out())
                .contains("Cluster ID: ");
        assertThat(KafkaTool.runCommand(server, TOOLS + "ClusterTool", "list-endpoints").out())
                .contains("localhost");
        assertThat(run(TOOLS + "FeatureCommand", "describe")).contains("group.version");
        assertThat(
                        run(
                                CONFIGS,
                                "--describe",
                                "--all",
                                "--entity-type",
                                "brokers",
                                "--entity-name",
                                "1"))
                .contains("broker.id=1");
    }

    @Test
    void recordsAreDeletedAndPartitionsDescribed() throws Exception {
        server.createTopic("trimmed", 1);
        KafkaTool.runWith(
                server.kafkaAddress(),
                "a\nb\nc\n",
                TOOLS + "ConsoleProducer",
                "--topic",
                "trimmed",
                "--sync");
        Path offsets =
                Files.writeString(
                        Files.createTempFile(data, "offsets", ".json"),
                        "{\"partitions\":[{\"topic\":\"trimmed\",\"partition\":0,\"offset\":2}],\"version\":1}");
        assertThat(run(TOOLS + "DeleteRecordsCommand", "--offset-json-file", offsets.toString()))
                .contains("low_watermark: 2");
        assertThat(run(TOOLS + "LogDirsCommand", "--describe", "--topic-list", "trimmed"))
                .contains("\"partition\":\"trimmed-0\"");
        assertThat(
                        run(
                                TOOLS + "TransactionsCommand",
                                "describe-producers",
                                "--topic",
                                "trimmed",
                                "--partition",
                                "0"))
                .contains("ProducerId");
        assertThat(run(TOOLS + "reassign.ReassignPartitionsCommand", "--list"))
                .contains("No partition reassignments found");
        assertThat(
                        run(
                                TOOLS + "StreamsResetter",
                                "--application-id",
                                "app",
                                "--input-topics",
                                "trimmed",
                                "--force"))
                .contains("Topic: trimmed Partition: 0 Offset: 2");
    }

    @Test
    void quotasOfUsersAreSet() {
        assertThat(
                        run(
                                CONFIGS,
                                "--alter",
                                "--entity-type",
                                "users",
                                "--entity-name",
                                "alice",
                                "--add-config",
                                "producer_byte_rate=100000"))
                .contains("Completed updating config for user alice");
    }

    @Test
    void kafkasCompatibilityTestPasses() {
        assertThat(
                        run(
                                TOOLS + "ClientCompatibilityTest",
                                "--topic",
                                "compatible",
                                "--offsets-for-times-supported",
                                "true",
                                "--cluster-id-supported",
                                "true",
                                "--expect-record-too-large-exception",
                                "false",
                                "--num-cluster-nodes",
                                "1",
                                "--create-topics-supported",
                                "true",
                                "--describe-acls-supported",
                                "true",
                                "--describe-configs-supported",
                                "true",
                                "--idempotent-producer-supported",
                                "true"))
                .contains("SUCCESS");
    }

    private static String run(String main, String... arguments) {
        return KafkaTool.run(server, main, arguments).out();
    }
}

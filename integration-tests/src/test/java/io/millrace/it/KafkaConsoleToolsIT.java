package io.millrace.it;

import static io.millrace.it.KafkaTool.CONFIGS;
import static io.millrace.it.KafkaTool.GROUPS;
import static io.millrace.it.KafkaTool.TOOLS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console tools of Kafka's distribution, in processes of their own, against a server. */
@Timeout(180)
class KafkaConsoleToolsIT {

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
    void topicsAreCreatedDescribedChangedAndDeleted() {
        String topics = TOOLS + "TopicCommand";
        run(topics, "--create", "--topic", "t", "--partitions", "3", "--replication-factor", "1");
        run(topics, "--alter", "--topic", "t", "--partitions", "5");

        assertThat(run(topics, "--list").lines()).contains("t");
        assertThat(run(topics, "--describe", "--topic", "t").ok())
                .contains("PartitionCount: 5", "Partition: 4");

        run(topics, "--delete", "--topic", "t");
        assertThat(run(topics, "--list").lines()).doesNotContain("t");
    }

    @Test
    void linesAreProducedAndConsumedByAGroupWhoseOffsetsAreShownAndReset() {
        server.createTopic("lines", 1);
        List<String> lines = IntStream.range(0, 100).mapToObj(i -> "line " + i).toList();
        runWith(
                String.join("\n", lines) + "\n",
                TOOLS + "ConsoleProducer",
                "--topic",
                "lines",
                "--compression-codec",
                "zstd");

        String[] consumer = {
            TOOLS + "consumer.ConsoleConsumer",
            "--topic",
            "lines",
            "--group",
            "console",
            "--from-beginning",
            "--max-messages",
            "100"
        };
        assertThat(run(consumer).lines()).isEqualTo(lines);
        assertThat(run(TOOLS + "GetOffsetShell", "--topic", "lines").lines())
                .containsExactly("lines:0:100");
        assertThat(run(GROUPS, "--list").lines()).contains("console");
        assertThat(fields(run(GROUPS, "--describe", "--group", "console"), "lines"))
                .containsSubsequence("console", "lines", "0", "100", "100", "0");

        String[] reset = {
            GROUPS,
            "--reset-offsets",
            "--group",
            "console",
            "--topic",
            "lines",
            "--to-offset",
            "40",
            "--execute"
        };
        assertThat(fields(run(reset), "lines")).containsSubsequence("console", "lines", "0", "40");
        assertThat(fields(run(GROUPS, "--describe", "--group", "console"), "lines"))
                .containsSubsequence("console", "lines", "0", "40", "100", "60");
        assertThat(run(GROUPS, "--delete", "--group", "console").ok()).contains("was successful");
    }

    @Test
    void settingsOfATopicAreSetAndShown() {
        server.createTopic("settings", 1);
        String[] topic = {"--entity-type", "topics", "--entity-name", "settings"};
        run(with(topic, CONFIGS, "--alter", "--add-config", "retention.ms=3600000"));

        assertThat(run(with(topic, CONFIGS, "--describe")).ok()).contains("retention.ms=3600000");

        run(with(topic, CONFIGS, "--alter", "--delete-config", "retention.ms"));
        assertThat(run(with(topic, CONFIGS, "--describe")).ok()).doesNotContain("retention.ms");
    }

    @Test
    void aclsAreAddedListedAndRemoved() {
        String acls = TOOLS + "AclCommand";
        String[] rule = {"--allow-principal", "User:alice", "--operation", "Read", "--topic", "a"};
        run(with(rule, acls, "--add"));

        assertThat(run(acls, "--list", "--topic", "a").ok())
                .contains("principal=User:alice, host=*, operation=READ, permissionType=ALLOW");

        run(with(rule, acls, "--remove", "--force"));
        assertThat(run(acls, "--list", "--topic", "a").ok()).doesNotContain("alice");
    }

    private static List<String> fields(ExternalProgram.Result result, String topic) {
        return result.lines().stream()
                .map(line -> List.of(line.strip().split("\\s+")))
                .filter(fields -> fields.size() > 1 && fields.get(1).equals(topic))
                .findFirst()
                .orElseThrow(() -> new AssertionError(result.toString()));
    }

    private static String[] with(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of(some));
        return all.toArray(String[]::new);
    }

    private static ExternalProgram.Result run(String... command) {
        return runWith("", command);
    }

    private static ExternalProgram.Result runWith(String in, String... command) {
        return KafkaTool.runWith(
                server.kafkaAddress(),
                in,
                command[0],
                Arrays.copyOfRange(command, 1, command.length));
    }
}

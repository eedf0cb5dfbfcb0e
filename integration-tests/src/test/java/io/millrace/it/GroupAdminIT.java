package io.millrace.it;

import static io.millrace.it.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupDescription;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Administration of consumer groups on real servers, mostly through the command line. */
class GroupAdminIT {

    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final int RECORDS = 10;

    @TempDir Path folder;

    /** Runs a command of {@code millrace group}. */
    private static MillraceCommandLine.Result group(MillraceProcess server, String... arguments) {
        List<String> all = new ArrayList<>(List.of("group"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--server", server.address()));
        return MillraceCommandLine.run(all.toArray(String[]::new));
    }

    /** Resets the only partition and returns the printed result. */
    private static String reset(MillraceProcess server, String... more) {
        List<String> all = new ArrayList<>(List.of("reset", "g", "--topic", "t"));
        all.addAll(Arrays.asList(more));
        return group(server, all.toArray(String[]::new)).ok().text().lines().toList().get(1);
    }

    /** Produces ten records with timestamps of successive seconds from 1970 on. */
    private static void produce(MillraceClient client) {
        client.topics().create("t", 1, Map.of());
        try (Producer producer = client.producer()) {
            for (int i = 0; i < RECORDS; i++) {
                byte[] value = ("record " + i).getBytes(StandardCharsets.UTF_8);
                var unused =
                        producer.send(OutgoingRecord.of("t", null, value).withTimestamp(1000L * i));
            }
            producer.flush();
        }
    }

    private static void commit(MillraceClient client, long offset) {
        assertThat(client.groups().commit("g", Map.of(FIRST, offset))).isEmpty();
    }

    @Test
    void aGroupIsDescribedResetAndDeletedAndSurvivesARestart() {
        Path data = folder.resolve("data");
        try (MillraceProcess server = MillraceProcess.up(data);
                MillraceClient client = MillraceClient.connect(server.address())) {
            produce(client);
            commit(client, 5);
            assertThat(group(server, "list").ok().text().lines())
                    .containsExactly(
                            "group\tstate\tprotocol\tmembers\tcoordinator", "g\tempty\t-\t0\t-");
            assertThat(group(server, "describe", "g").ok().text()).contains("t\t0\t5\t10\t5\t");

            assertThat(reset(server, "--to", "1970-01-01T00:00:03Z")).isEqualTo("0\t5\t3");
            assertThat(reset(server, "--to", "-2")).isEqualTo("0\t3\t1");
            assertThat(reset(server, "--to", "end", "--dry-run")).isEqualTo("0\t1\t10");
            assertThat(reset(server, "--to", "100"))
                    .isEqualTo("0\t1\t10\tmoved to the nearest readable offset");
            assertThat(reset(server, "--to", "7", "--partition", "0")).isEqualTo("0\t10\t7");
            server.kill();
        }
        try (MillraceProcess server = MillraceProcess.up(data)) {
            assertThat(group(server, "describe", "g").ok().text()).contains("t\t0\t7\t10\t3\t");
            group(server, "delete", "g").ok();
            MillraceCommandLine.Result gone = group(server, "describe", "g");
            assertThat(gone.exit()).isEqualTo(1);
            assertThat(gone.err()).startsWith("There is no group g").hasLineCount(1);
        }
    }

    @Test
    void anUnusedGroupExpires() {
        Map<String, String> hasty = Map.of("MILLRACE_GROUP_OFFSETS_RETENTION_S", "3");
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"), hasty);
                MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create("t", 2, Map.of());
            commit(client, 5);
            long beginNanos = System.nanoTime();
            await(
                    "commits for longer than a group is kept without",
                    () -> {
                        TopicPartition other = new TopicPartition("t", 1);
                        assertThat(client.groups().commit("g", Map.of(other, 1L))).isEmpty();
                        return System.nanoTime() - beginNanos > TimeUnit.SECONDS.toNanos(5);
                    });
            assertThat(client.groups().describe("g").partitions())
                    .as("the first offset, retained by commits of the other partition")
                    .hasSize(2);

            await("the group's end", () -> client.groups().list().isEmpty());
        }
    }

    @Test
    void aNodeWithoutGroupsForwardsGroupCommands() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)) {
            cluster.roles("n0", "ingest").roles("n1", "fetch").roles("n2", "fetch");
            cluster.start("n0", "n1", "n2");
            MillraceProcess process = cluster.node("n1");
            MillraceProcess other = cluster.node("n2");
            try (MillraceClient client = MillraceClient.connect(cluster.node("n0").address())) {
                produce(client);
                commit(client, 4);

                GroupDescription group = client.groups().describe("g");
                assertThat(group.partitions())
                        .singleElement()
                        .satisfies(only -> assertThat(only.lagRecords()).hasValue(6));
                assertThat(reset(cluster.node("n0"), "--to", "beginning")).isEqualTo("0\t4\t0");
                await(
                        "the lag of the group on one of the fetch nodes",
                        () -> lag(process) + lag(other) == RECORDS);
                boolean first = lag(process) == RECORDS;

                (first ? process : other).kill();

                await(
                        "the lag of the group on the other fetch node",
                        () -> lag(first ? other : process) == RECORDS);
                client.groups().delete("g");
                assertThat(client.groups().list()).isEmpty();
            }
        }
    }

    private static long lag(MillraceProcess node) {
        return Meters.sum(node, "millrace_group_lag_records{");
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a node that is started beside another, by its id and its roles. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeStartIT {

    private static final String TOPIC = "harvest";
    private static final int PARTITIONS = 4;

    @TempDir static Path folder;
    private EtcdServer etcd;
    private MillraceProcess first;

    @BeforeAll
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        first = node("n1");
        first.createTopic(TOPIC, PARTITIONS);
    }

    @AfterAll
    void stop() throws Exception {
        first.close();
        etcd.close();
    }

    private MillraceProcess node(String id, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--etcd",
                                etcd.endpoints().getFirst().toString(),
                                "--bucket",
                                "file:" + folder.resolve("bucket"),
                                "--node-id",
                                id));
        arguments.addAll(List.of(more));
        return MillraceProcess.node(
                0, Map.of("MILLRACE_NODE_LIFE_S", "2"), arguments.toArray(String[]::new));
    }

    private static void mustListTheTopic(MillraceProcess node) {
        assertThat(MillraceCommandLine.run("topic", "list", "--server", node.address()).ok().text())
                .contains(TOPIC);
    }

    @Test
    void aSecondNodeOfOneIdDoesNotStartAndSaysWhy() {
        assertThatThrownBy(() -> node("n1"))
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("has the id \"n1\"")
                .hasMessageContaining("--node-id");
        mustListTheTopic(first);
    }

    @Test
    void aNodeDoesOnlyWhatItsRolesSay() {
        try (MillraceProcess reads = node("n7", "--roles", "fetch")) {
            mustListTheTopic(reads);
            ManagedChannel channel = reads.connect();
            assertThatThrownBy(() -> new IdempotentWriter(channel, TOPIC, PARTITIONS))
                    .hasMessageContaining("UNIMPLEMENTED");
            channel.shutdownNow();
            assertThat(reads.terminate()).isZero();
        }
    }
}

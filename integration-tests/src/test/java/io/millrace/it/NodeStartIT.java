package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
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
    void aNodeWhoseEtcdWasRestoredStopsAndItsNextLifeServes() {
        String[] alone = {"--cluster", "restored"};
        try (MillraceProcess node = node("n1", alone)) {
            node.createTopic(TOPIC, PARTITIONS);
            raiseGeneration("restored");
            assertThat(node.awaitEnd()).as("exit code").isOne();
            assertThat(node.errors())
                    .contains("generation (2, not 1)", "restored from a backup", "Start this node");
        }
        try (MillraceProcess next = node("n1", alone)) {
            mustListTheTopic(next);
        }
    }

    /** As whoever restores etcd from a backup does. */
    private void raiseGeneration(String cluster) {
        Etcd.Op raise =
                new Etcd.Op.Put(
                        "/millrace/" + cluster + "/generation",
                        "0000000000000002".getBytes(StandardCharsets.US_ASCII));
        try (OwnLoop own = new OwnLoop()) {
            EtcdSettings there =
                    EtcdSettings.of(etcd.endpoints(), Optional.empty(), Optional.empty());
            Etcd operator = JetcdEtcd.open(there, own.loop, new SplittableRandom(1));
            own.call(() -> operator.txn(List.of(), List.of(raise), List.of()));
            own.run(operator::close);
        }
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

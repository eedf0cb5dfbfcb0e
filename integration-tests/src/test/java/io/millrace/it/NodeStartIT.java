package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that start beside others, with various ids and roles. */
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
        return node(0, id, more);
    }

    private MillraceProcess node(int grpcPort, String id, String... more) {
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
                grpcPort, Map.of("MILLRACE_NODE_LEASE_S", "2"), arguments.toArray(String[]::new));
    }

    private static void mustListTheTopic(MillraceProcess node) {
        assertThat(MillraceCommandLine.run("topic", "list", "--server", node.address()).ok().text())
                .contains(TOPIC);
    }

    @Test
    void aSecondNodeWithTheSameIdFailsToStartWithAReason() {
        assertThatThrownBy(() -> node("n1"))
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("has the id \"n1\"")
                .hasMessageContaining("--node-id");
        mustListTheTopic(first);
    }

    @Test
    @Tag(TestScale.FULL)
    void aPausedNodeWhoseIdWasTakenOverStopsWithoutLoss() {
        String[] cluster = {"--cluster", "twins"};
        int port = MillraceProcess.stablePort();
        try (MillraceProcess other = node("n2", cluster);
                MillraceProcess sleeper = node(port, "n1", cluster);
                Probe through = new Probe(other.address());
                VerifyProcess verify =
                        VerifyProcess.startEndless(
                                sleeper.address() + "," + other.address(), "--rate", "200k")) {
            through.store();
            assertThatThrownBy(() -> node("n1", cluster)).hasMessageContaining("has the id \"n1\"");

            sleeper.pause();
            try (MillraceProcess taker = node("n1", cluster);
                    Probe throughTaker = new Probe(taker.address())) {
                throughTaker.store();
                long wokenNanos = System.nanoTime();
                sleeper.resume();
                assertThat(sleeper.awaitEnd()).as("exit code").isOne();
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - wokenNanos);
                assertThat(sleeper.errors())
                        .contains("Another node", "has the id \"n1\"", "--node-id");
                Duration stored = throughTaker.store();

                // As the message advises.
                try (MillraceProcess renamed = node(port, "n3", cluster);
                        Probe throughRenamed = new Probe(renamed.address())) {
                    throughRenamed.store();
                    VerifyProcess.Result result = verify.finish();
                    System.out.printf(
                            "NodeStartIT: a node whose id was taken over stopped %d ms after it was"
                                    + " resumed; a record through the other node took %d ms then%n%s%s",
                            millis, stored.toMillis(), result.err(), result.out());
                    result.assertAllIsThere();
                }
            }
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void aNodeStopsAfterARestoreOfEtcdAndServesAfterARestart() {
        String[] alone = {"--cluster", "restored"};
        try (MillraceProcess node = node("n1", alone)) {
            node.createTopic(TOPIC, PARTITIONS);
            EtcdBackup.raiseGeneration(etcd, "restored");
            assertThat(node.awaitEnd()).as("exit code").isOne();
            assertThat(node.errors())
                    .contains(
                            "generation (2, not 1)", "restored from a backup", "Restart this node");
        }
        try (MillraceProcess next = node("n1", alone)) {
            mustListTheTopic(next);
        }
    }

    @Test
    void aNodeServesOnlyItsRoles() {
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

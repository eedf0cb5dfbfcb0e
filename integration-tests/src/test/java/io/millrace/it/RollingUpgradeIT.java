package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.Proposal;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.protocol.error.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that are replaced one after another under load, and a raise of the feature level by a later
 * version of Millrace, which this process simulates.
 */
class RollingUpgradeIT {

    private static final String[] HELD = {"--max-feature-level", "1"};
    private static final int NODES = 2;

    /** A command that only the later version supports. */
    private static final Command NEW_COMMAND = new Command.GroupsExpired(0);

    @TempDir Path folder;
    private EtcdServer etcd;
    private final int[] ports = new int[NODES];
    private final List<MillraceProcess> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            ports[i] = MillraceProcess.stablePort();
            launched.add(launch(i, ports[i], HELD));
        }
        nodes.addAll(MillraceProcess.allReady(launched));
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(int number, int port, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--etcd",
                                etcd.endpoints().getFirst().toString(),
                                "--bucket",
                                "file:" + folder.resolve("bucket"),
                                "--node-id",
                                "n" + number));
        arguments.addAll(List.of(more));
        return MillraceProcess.launchNode(
                port, Map.of("MILLRACE_NODE_LEASE_S", "4"), arguments.toArray(String[]::new));
    }

    @Test
    void nodesAreUpgradedUnderLoadAndStopAtAnUnsupportedLevel() throws Exception {
        try (MetadataObserver laterVersion =
                new MetadataObserver(etcd.endpoints(), folder.resolve("bucket"), "millrace", 1)) {
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            nodes.get(0).address() + "," + nodes.get(1).address(),
                            "--producers",
                            "2")) {
                await("load", laterVersion::hasTopic);
                for (int i = 0; i < NODES; i++) {
                    assertThat(nodes.get(i).terminate()).isZero();
                    nodes.set(i, launch(i, ports[i]).awaitReady());
                }
                VerifyProcess.Result result = verify.finish();
                assertThat(result.exit()).as(result.toString()).isZero();
                System.out.printf("RollingUpgradeIT: %s%s%n", result.err(), result.out());
            }
            assertThat(laterVersion.level()).isEqualTo(FeatureLevels.ALL.newest());
            assertThat(laterVersion.propose(NEW_COMMAND))
                    .isInstanceOfSatisfying(
                            Proposal.NotApplied.class,
                            not ->
                                    assertThat(not.problem().reason())
                                            .isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW));

            laterVersion.propose(new Command.FeatureLevelRaised(TestLevels.TWO.newest()));

            assertThat(laterVersion.level()).isEqualTo(TestLevels.TWO.newest());
            assertThat(laterVersion.propose(NEW_COMMAND)).isInstanceOf(Proposal.Applied.class);
            for (MillraceProcess node : nodes) {
                assertThat(node.awaitEnd()).as("exit code").isOne();
                assertThat(node.errors())
                        .contains("feature level 2", "a newer version of Millrace");
            }
        }
        assertThatThrownBy(() -> launch(0, 0).awaitReady())
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("feature level 2")
                .hasMessageContaining("a newer version of Millrace");
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new AssertionError("no " + what + " in 60 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}

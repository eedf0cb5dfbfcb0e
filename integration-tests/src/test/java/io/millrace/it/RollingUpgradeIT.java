package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.state.FeatureLevels;
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
 * Nodes of two feature levels in one cluster, one replaced after the other under load. A node that
 * is held at the older level is in all like one of the older version.
 */
class RollingUpgradeIT {

    private static final String[] HELD = {"--feature-level-at-most", "1"};
    private static final int NODES = 2;

    @TempDir Path folder;
    private EtcdServer etcd;
    private final int[] ports = new int[NODES];
    private final List<MillraceProcess> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            ports[i] = MillraceProcess.portThatStays();
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
                port, Map.of("MILLRACE_NODE_LIFE_S", "4"), arguments.toArray(String[]::new));
    }

    @Test
    void theLevelRisesWithTheLastNodeAndNothingIsLostOnTheWay() throws Exception {
        try (MetadataObserver observer =
                        new MetadataObserver(
                                etcd.endpoints(), folder.resolve("bucket"), "millrace", 1);
                VerifyProcess verify =
                        VerifyProcess.startEndless(
                                nodes.get(0).address() + "," + nodes.get(1).address(),
                                "--producers",
                                "2")) {
            await("load", () -> observer.hasTopic());
            for (int i = 0; i < NODES; i++) {
                assertThat(observer.level()).isEqualTo(FeatureLevels.OLDEST);
                assertThat(observer.propose(commit(observer)))
                        .isInstanceOfSatisfying(
                                Proposal.NotApplied.class,
                                not ->
                                        assertThat(not.problem().reason())
                                                .isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW));
                assertThat(nodes.get(i).terminate()).isZero();
                nodes.set(i, launch(i, ports[i]).awaitReady());
            }
            await("newer level", () -> observer.level() == FeatureLevels.ALL.newest());
            assertThat(observer.propose(commit(observer)))
                    .isInstanceOfSatisfying(
                            Proposal.Applied.class,
                            applied ->
                                    assertThat(applied.outcome())
                                            .isEqualTo(
                                                    new Outcome.Offsets(
                                                            List.of(
                                                                    new Outcome.CommittedRow
                                                                            .Counts()))));
            VerifyProcess.Result result = verify.finish();
            assertThat(result.exit()).as(result.toString()).isZero();
            System.out.printf("RollingUpgradeIT: %s%s%n", result.err(), result.out());
        }
        assertThatThrownBy(() -> launch(NODES, 0, HELD).awaitReady())
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("feature level " + FeatureLevels.ALL.newest())
                .hasMessageContaining("millrace.feature-level.at-most");
    }

    private static Command commit(MetadataObserver observer) {
        return new Command.OffsetsCommitted(
                "g",
                "",
                -1,
                List.of(new OffsetCommit(observer.topic(), 0, new CommittedOffset(7, -1, ""))));
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

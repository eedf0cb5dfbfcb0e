package io.millrace.metadata.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.admin.ClusterUpgrade.LevelChange;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ClusterUpgradeTest {

    private static RegisteredNode node(long incarnation, int level, String version) {
        return new RegisteredNode(
                "n" + incarnation,
                incarnation,
                Set.of(Role.INGEST),
                "",
                "h",
                1,
                level,
                0,
                version,
                incarnation);
    }

    private static Problem refusal(LevelDecision decision) {
        return ((LevelDecision.Refused) decision).problem();
    }

    private static LevelDecision decide(int inForce, OptionalInt wanted, RegisteredNode... nodes) {
        return LevelDecision.of(inForce, wanted, List.of(nodes), List.of(1L, 2L));
    }

    @Test
    void theLevelIsTheHighestThatAllNodesSupport() {
        assertThat(decide(1, OptionalInt.empty(), node(1, 4, ""), node(2, 3, "")))
                .isEqualTo(new LevelDecision.Raise(3));
        assertThat(decide(1, OptionalInt.of(2), node(1, 4, ""), node(2, 3, "")))
                .isEqualTo(new LevelDecision.Raise(2));
        assertThat(decide(3, OptionalInt.empty(), node(1, 4, ""), node(2, 3, "")))
                .isEqualTo(new LevelDecision.Unchanged());
    }

    @Test
    void aRefusalNamesTheNodesThatAreTooOld() {
        Problem refused =
                refusal(decide(1, OptionalInt.of(3), node(1, 3, "0.3"), node(2, 2, "0.2")));

        assertThat(refused.reason()).isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW);
        assertThat(refused.message())
                .contains("node n2 (level 2, version 0.2)", "to 2 at most")
                .doesNotContain("n1");
    }

    @Test
    void theLevelNeverFalls() {
        assertThat(refusal(decide(3, OptionalInt.of(2), node(1, 3, ""), node(2, 3, ""))).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void aProcessThatEndedAndMayReturnInAnOlderVersionIsAwaited() {
        assertThat(refusal(decide(1, OptionalInt.empty(), node(1, 2, ""))).message())
                .contains("millrace.node-lease-s");
    }

    @Test
    void anUpgradeTakesEffectAndADryRunDoesNot() {
        SimulatedEventLoop loop = new SimulatedEventLoop();
        MetadataReplica metadata = MetadataFixture.withLevels(loop, TestLevels.TWO).metadata();
        List<RegisteredNode> nodes = List.of(node(metadata.incarnation(), 2, ""));
        ClusterUpgrade upgrade = new ClusterUpgrade(metadata, () -> nodes);

        assertThat(result(loop, upgrade.run(OptionalInt.empty(), true)))
                .isEqualTo(new LevelChange(1, 2));
        assertThat(metadata.featureLevel()).isEqualTo(1);
        assertThat(result(loop, upgrade.run(OptionalInt.empty(), false)))
                .isEqualTo(new LevelChange(1, 2));
        assertThat(metadata.featureLevel()).isEqualTo(2);
        assertThat(result(loop, upgrade.run(OptionalInt.empty(), false)))
                .isEqualTo(new LevelChange(2, 2));
        assertThatThrownBy(() -> result(loop, upgrade.run(OptionalInt.of(3), false)))
                .hasCauseInstanceOf(ProblemException.class);
    }

    private static LevelChange result(
            SimulatedEventLoop loop, CompletableFuture<LevelChange> pending) {
        loop.advance(Duration.ofSeconds(1));
        return pending.join();
    }
}

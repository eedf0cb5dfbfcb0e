package io.millrace.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.simulation.StartedCluster;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests that a member of the simulation detects that it was replaced. */
final class SimulatedMemberTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final StartedCluster started = new StartedCluster();
    private final SimulatedCluster cluster = started.cluster;
    private final GroupCheck check = new GroupCheck(cluster, "g");

    private void start(int number, String instanceId) {
        MemberDetails details =
                new MemberDetails(
                        new TopicSubscription(Set.of(), "topic-.*"),
                        AssignmentStrategy.values()[0],
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(2),
                        "",
                        "",
                        "");
        new SimulatedGroupMember(
                        cluster,
                        check,
                        new SimulatedGroupMember.Identity(
                                "g",
                                number,
                                instanceId,
                                details,
                                SimulatedMemberConnection.CoordinatorRoute.ROUTED),
                        new SplittableRandom(number))
                .start();
    }

    @Test
    void acceptsMembersOfDifferentInstances() {
        start(1, "instance-1");
        start(2, "instance-2");
        started.pass(LONG);

        assertThat(cluster.violations.first()).isNull();
    }

    @Test
    void detectsThatItWasReplacedAlthoughItIsAlive() {
        start(1, "instance");
        started.pass(LONG);
        start(2, "instance");
        started.pass(LONG);

        assertThat(cluster.violations.first()).contains("is alive, but received");
    }
}

package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.NodeLoop;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WrongDeaths;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class ExclusiveRightsTest {

    private static final Duration SESSION = Duration.ofSeconds(6);
    private static final PartitionId FIRST = new PartitionId(1, 0);
    private static final PartitionId SECOND = new PartitionId(1, 1);

    private final SimulatedEventLoop world = new SimulatedEventLoop();
    private final Violations violations = new Violations();
    private final WrongDeaths wrongDeaths = new WrongDeaths();
    private final NodeLoop coordinator = new NodeLoop(world);
    private final ExclusiveRights rights = new ExclusiveRights(wrongDeaths, violations);

    private record Member(Set<PartitionId> processablePartitions)
            implements ExclusiveRights.Holder {

        @Override
        public boolean mayProcess(PartitionId key) {
            return processablePartitions.contains(key);
        }

        @Override
        public Duration sessionTimeout() {
            return SESSION;
        }
    }

    private void check(PartitionId ofOne, PartitionId ofOther) {
        Member one = new Member(Set.of(ofOne));
        rights.add(one);
        rights.add(new Member(Set.of(ofOther)));
        rights.check(one);
    }

    @Test
    void acceptsMembersWithDifferentPartitions() {
        check(FIRST, SECOND);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsTwoHolders() {
        check(FIRST, FIRST);

        assertThat(violations.first()).contains("both hold the right");
    }

    @Test
    void acceptsTwoHoldersWhileALiveCoordinatorIsDeclaredDead() {
        wrongDeaths.add(coordinator);
        check(FIRST, FIRST);

        assertThat(violations.first()).isNull();
    }

    @Test
    void acceptsTwoHoldersUntilTheLeasesOfTheEndedCoordinatorExpire() {
        wrongDeaths.add(coordinator);
        coordinator.kill();
        world.advance(SESSION.minusMillis(1));
        check(FIRST, FIRST);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsTwoHoldersAfterTheLeasesOfTheEndedCoordinator() {
        wrongDeaths.add(coordinator);
        coordinator.kill();
        world.advance(SESSION);
        check(FIRST, FIRST);

        assertThat(violations.first()).contains("both hold the right");
    }
}

package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TestMember;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of groups while nodes start, close and die. */
final class FailOverTest {

    private final CoordinatorWorld world = new CoordinatorWorld(3, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void membersFindTheOneCoordinator() {
        TestMember first = follow();
        TestMember second = follow();

        assertThat(first.at).isEqualTo(second.at).isEqualTo(world.coordinator().coordinator);
        assertEverythingIsOwned(first, second);
    }

    @Test
    void whenTheCoordinatorDiesMembersGoOnWithWhatTheyHave() {
        TestMember first = follow();
        TestMember second = follow();
        Set<PartitionId> before = new TreeSet<>(second.owned.keySet());
        int disturbed = first.disturbed.size() + second.disturbed.size();
        int generation = world.group().generation();
        PartitionId own = second.owned.firstKey();
        second.commit(own, 12);
        world.settle();
        CoordinatorWorld.Node dead = world.coordinator();

        dead.fence();
        dead.close();
        world.advance(Duration.ofSeconds(3));

        assertThat(world.coordinator()).isNotEqualTo(dead);
        assertThat(first.at).isEqualTo(second.at).isEqualTo(world.coordinator().coordinator);
        assertThat(second.owned.keySet()).isEqualTo(before);
        assertThat(first.disturbed.size() + second.disturbed.size()).isEqualTo(disturbed);
        assertThat(world.group().generation()).isEqualTo(generation);
        assertThat(world.group().committed(own.topicId(), own.partition()))
                .contains(new CommittedOffset(12, -1, ""));
        assertThat(world.loop.nanoTime()).isLessThan(second.rightUntilNanos);
    }

    @Test
    void nextCoordinatorHonoursSessionsExtendedByThePrevious() {
        TestMember first = follow();
        CoordinatorWorld.Node old = world.coordinator();
        world.nodes.remove(old);
        old.close();
        TestMember second = world.startJoin("", CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofMillis(600));
        long answered = first.answered;
        first.heartbeat();
        assertThat(first.answered).as("by the old one").isEqualTo(answered + 1);
        assertThat(world.coordinator()).isNotEqualTo(old);
        world.stopDriving(first);

        world.advance(Duration.ofNanos(first.rightUntilNanos - world.loop.nanoTime() - 1));
        assertThat(second.joins).isEqualTo(1);
        assertThat(second.owned).isEmpty();

        world.advance(CoordinatorWorld.LIFE.plusSeconds(1));
        assertEverythingIsOwned(second);
    }

    @Test
    void nextCoordinatorExpiresMemberThatDied() {
        TestMember first = follow();
        TestMember second = follow();
        CoordinatorWorld.Node dead = world.coordinator();
        second.afterEnd = problem -> {};
        second.vanish();

        dead.fence();
        dead.close();
        world.advance(CoordinatorWorld.SESSION.plusSeconds(CoordinatorWorld.LIFE.toSeconds() + 4));

        assertEverythingIsOwned(first);
    }

    @Test
    void orphanedGroupIsClaimed() {
        TestMember only = follow();
        CoordinatorWorld.Node dead = world.coordinator();
        only.afterEnd = problem -> {};
        only.vanish();

        dead.fence();
        dead.close();
        world.advance(Duration.ofSeconds(40));

        assertThat(world.group().members()).isEmpty();
    }

    @Test
    void anotherNodeDoesNotTakeAGroupWhoseCoordinatorLives() {
        TestMember first = follow();
        CoordinatorWorld.Node coordinator = world.coordinator();

        for (int i = 0; i < 5; i++) {
            world.add();
        }
        world.advance(Duration.ofSeconds(30));
        TestMember second = follow();

        assertThat(world.coordinator()).isEqualTo(coordinator);
        assertThat(second.at).isEqualTo(first.at);
    }

    @Test
    void closingNodeReleasesItsGroups() {
        TestMember first = follow();
        TestMember second = follow();
        CoordinatorWorld.Node leaving = world.coordinator();
        int generation = world.group().generation();
        world.nodes.remove(leaving);

        CompletableFuture<Void> closed = leaving.coordinator.close();
        world.advance(Duration.ofSeconds(2));

        assertThat(closed).isCompleted();
        assertThat(world.coordinator()).isNotEqualTo(leaving);
        assertThat(first.at).isEqualTo(second.at).isEqualTo(world.coordinator().coordinator);
        assertThat(world.group().generation()).isEqualTo(generation);
        assertEverythingIsOwned(first, second);
    }

    @Test
    void resumedCoordinatorIsFenced() {
        TestMember first = follow();
        CoordinatorWorld.Node sleeper = world.coordinator();
        sleeper.fence();
        sleeper.close();
        world.advance(Duration.ofSeconds(3));
        sleeper.isLive = true;
        world.nodes.addLast(sleeper);

        TestMember late = new TestMember(world.loop, "g", "", first.details);
        late.join(sleeper.coordinator, true);
        world.advance(Duration.ofSeconds(1));

        assertThat(Objects.requireNonNull(late.ended).details())
                .containsEntry("node", world.coordinator().name)
                .containsEntry("host", world.coordinator().name + ".host")
                .containsEntry("port", "7000");
    }

    @Test
    void aRevocationThatTheOldCoordinatorBeganIsEndedByTheNext() {
        TestMember first = follow();
        first.releasesAtOnce = false;
        TestMember second = follow();
        assertThat(first.revoked).hasSize(3);
        CoordinatorWorld.Node dead = world.coordinator();
        dead.fence();
        dead.close();
        world.advance(Duration.ofSeconds(3));

        first.release(List.copyOf(first.revoked));
        world.settle();

        assertThat(first.owned).hasSize(3);
        assertThat(second.owned).hasSize(3);
        assertEverythingIsOwned(first, second);
    }

    private TestMember follow() {
        return world.joinViaAnyNode("", CoordinatorWorld.subscribedTo("t"));
    }

    private void assertEverythingIsOwned(TestMember... members) {
        assertThat(Stream.of(members).flatMap(member -> member.owned.keySet().stream()))
                .containsExactlyInAnyOrderElementsOf(CoordinatorWorld.partitions(topic));
    }
}

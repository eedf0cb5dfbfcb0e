package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TestMember;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tests of static members, which rejoin under their instance id. */
final class InstancesTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void returningInstanceKeepsItsPartitions() {
        TestMember first = world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join("b", CoordinatorWorld.subscribedTo("t"));
        Set<PartitionId> before = new TreeSet<>(second.owned.keySet());
        String idBefore = second.id;
        int generation = world.group().generation();
        second.vanish();

        TestMember returned = world.join("b", CoordinatorWorld.subscribedTo("t"));

        assertThat(returned.owned.keySet()).isEqualTo(before);
        assertThat(returned.id).isNotEqualTo(idBefore);
        assertThat(world.group().generation()).isEqualTo(generation + 1);
        assertThat(world.group().members()).hasSize(2);
        assertThat(first.disturbed).hasSize(3);
    }

    @Test
    void replacedMemberOfInstanceIsFenced() {
        TestMember before = world.join("a", CoordinatorWorld.subscribedTo("t"));
        String id = before.id;
        TestMember after = world.join("a", CoordinatorWorld.subscribedTo("t"));

        assertThat(before.reason()).isEqualTo(Reason.INSTANCE_REPLACED);
        TestMember zombie = new TestMember(world.loop, "g", "a", before.details);
        zombie.id = id;
        zombie.join(world.first().coordinator, true);
        world.settle();
        assertThat(zombie.reason()).isEqualTo(Reason.INSTANCE_REPLACED);
        assertThat(after.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void unacceptedInvitationReplacesNoMember() {
        TestMember member = world.join("a", CoordinatorWorld.subscribedTo("t"));
        int generation = world.group().generation();
        TestMember gone = silent("a");
        world.advance(CoordinatorWorld.SESSION.plusSeconds(1));

        assertThat(member.ended).isNull();
        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.group().generation()).isEqualTo(generation);
        assertThat(gone.joins).isZero();
        assertThat(gone.problem().retriable()).isFalse();
        assertThat(gone.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void staleAcceptanceReplacesNoMember() {
        world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember gone = silent("a");
        TestMember after = world.join("a", CoordinatorWorld.subscribedTo("t"));
        assertThat(after.joins).isEqualTo(1);

        gone.accept(gone.invitations.getFirst());
        world.settle();

        assertThat(after.ended).isNull();
        assertThat(after.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(gone.joins).isZero();
    }

    @Test
    void acceptingTheNextInvitationReplacesTheFasterCandidate() {
        world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember slow = silent("a");
        TestMember quick = world.join("a", CoordinatorWorld.subscribedTo("t"));
        assertThat(slow.invitations).hasSize(2).doesNotHaveDuplicates();

        slow.accept(slow.invitations.getLast());
        world.settle();

        assertThat(quick.reason()).isEqualTo(Reason.INSTANCE_REPLACED);
        assertThat(slow.id).isEqualTo(slow.invitations.getLast());
        assertThat(slow.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void invitationCanOnlyBeAcceptedByItsSession() {
        TestMember member = world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember invited = silent("a");
        TestMember other = world.join("b", CoordinatorWorld.subscribedTo("t"));

        other.accept(invited.invitations.getFirst());
        world.settle();

        assertThat(member.ended).isNull();
        assertThat(invited.joins).isZero();
    }

    @Test
    void candidateJoinsWhenInstanceIsFreed() {
        TestMember member = world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember invited = silent("a");

        member.leave();
        world.settle();

        assertThat(invited.joins).isEqualTo(1);
        assertThat(invited.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void closedSessionCancelsItsInvitation() {
        TestMember member = world.join("a", CoordinatorWorld.subscribedTo("t"));
        TestMember invited = silent("a");
        invited.vanish();

        member.leave();
        world.settle();

        assertThat(world.group().members()).isEmpty();
    }

    /** A candidate for an instance id that does not answer its invitation. */
    private TestMember silent(String instance) {
        TestMember member =
                new TestMember(world.loop, "g", instance, CoordinatorWorld.subscribedTo("t"));
        member.accepts = false;
        member.join(world.first().coordinator, true);
        world.settle();
        return member;
    }

    @Test
    void rejoinOfSameClientIsNotReportedAsReplaced() {
        TestMember early = world.join("a", CoordinatorWorld.detailsWithRun("1", "t"));
        String id = early.id;
        TestMember again = world.join("a", CoordinatorWorld.detailsWithRun("1", "t"));

        assertThat(early.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
        TestMember late = new TestMember(world.loop, "g", "a", early.details);
        late.id = id;
        late.join(world.first().coordinator, true);
        world.settle();
        assertThat(late.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
        assertThat(again.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void restartedClientReplacesItsPredecessor() {
        TestMember before = world.join("a", CoordinatorWorld.detailsWithRun("1", "t"));
        TestMember after = world.join("a", CoordinatorWorld.detailsWithRun("2", "t"));

        assertThat(before.reason()).isEqualTo(Reason.INSTANCE_REPLACED);
        assertThat(before.problem().retriable()).isFalse();
        assertThat(after.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void fencedInstanceIsNotReportedAsReplaced() {
        TestMember first = world.join("a", CoordinatorWorld.subscribedTo("t"));
        first.releasesAtOnce = false;
        String id = first.id;
        world.join("b", CoordinatorWorld.subscribedTo("t"));
        world.advance(CoordinatorWorld.RELEASE.plusMillis(300));

        TestMember again = new TestMember(world.loop, "g", "a", first.details);
        again.id = id;
        again.join(world.first().coordinator, true);
        world.settle();

        assertThat(again.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void instanceThatJoinsTwiceDuringLogOutageIsOneMember() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().metadata.log().setAppendDuration(Duration.ofSeconds(40));
        TestMember once = world.join("a", CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(10));
        once.vanish();
        TestMember again = world.join("a", CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(25));
        world.first().metadata.log().setAppendDuration(Duration.ZERO);
        world.advance(Duration.ofSeconds(30));

        assertThat(again.ended).isNull();
        assertThat(world.group().members()).hasSize(2);
        assertThat(first.owned).isNotEmpty();
        assertThat(again.owned).isNotEmpty();
    }

    @Test
    void moreInstancesThanFitIntoOneChangeComeBackAtOnceAndEachHasWhatItHad() {
        int count = 2_200;
        world.topic("large", count);
        List<TestMember> before = instances(count);
        assertThat(before).allSatisfy(member -> assertThat(member.owned).hasSize(1));
        before.forEach(TestMember::vanish);

        List<TestMember> after = instances(count);

        for (int i = 0; i < count; i++) {
            assertThat(after.get(i).ended).isNull();
            assertThat(after.get(i).owned.keySet()).isEqualTo(before.get(i).owned.keySet());
        }
        assertThat(world.group().members()).hasSize(count);
    }

    private List<TestMember> instances(int count) {
        List<TestMember> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestMember member =
                    new TestMember(
                            world.loop, "g", "i" + i, CoordinatorWorld.subscribedTo("large"));
            member.join(world.first().coordinator, true);
            member.keepSendingHeartbeats(CoordinatorWorld.BEAT);
            members.add(member);
        }
        world.advance(Duration.ofSeconds(1));
        return members;
    }
}

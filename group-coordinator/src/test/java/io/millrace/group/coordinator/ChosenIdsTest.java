package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TestMember;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import org.junit.jupiter.api.Test;

/** Tests of members that choose their ids, as in KIP-848. */
final class ChosenIdsTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void aNewMemberHasTheIdThatItChose() {
        TestMember member = join("mine", "");

        assertThat(member.id).isEqualTo("mine");
        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.group().members()).extracting(GroupMember::id).containsExactly("mine");
    }

    @Test
    void memberRejoinsUnderItsChosenId() {
        join("mine", "").vanish();
        int generation = world.group().generation();

        TestMember again = join("mine", "");

        assertThat(again.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.group().generation()).isEqualTo(generation);
    }

    @Test
    void rejoinUnderChosenIdEndsPreviousSession() {
        TestMember before = join("mine", "");

        join("mine", "");

        assertThat(before.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void whoChoosesAnIdMustHaveOne() {
        assertThat(join("", "").reason()).isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void differentChosenIdDoesNotReplaceInstance() {
        TestMember member = join("mine", "a");

        TestMember other = join("other", "a");

        assertThat(other.reason()).isEqualTo(Reason.INVALID_GROUP);
        assertThat(other.problem().message()).contains("mine");
        assertThat(member.ended).isNull();
        member.leave();
        world.settle();
        assertThat(join("other", "a").owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    private TestMember join(String id, String instanceId) {
        TestMember member =
                new TestMember(world.loop, "g", instanceId, CoordinatorWorld.subscribedTo("t"));
        member.id = id;
        member.choosesId = true;
        member.join(world.first().coordinator, false);
        world.settle();
        return member;
    }
}

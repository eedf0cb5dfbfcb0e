package io.millrace.group.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.lag.PartitionLag;
import io.millrace.metadata.admin.Page;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GroupAdminTest {

    private final GroupWorld world = new GroupWorld();
    private final Topic topic = world.here.createTopic("orders", 2);

    private GroupSnapshot describe(String group) {
        return world.ask(() -> world.admin.describe(group));
    }

    @Test
    void groupsAreListedWithWhatTheyDo() {
        world.join("busy", "m", topic, 0);
        world.commit(world.here, "idle", topic, 0, 0);

        assertThat(world.ask(() -> world.admin.list("", 0, any -> true)).rows())
                .containsExactly(
                        new GroupSummary(
                                "busy",
                                GroupStatus.ACTIVE,
                                "stream",
                                OptionalLong.of(world.here.metadata().incarnation()),
                                1),
                        new GroupSummary("idle", GroupStatus.EMPTY, "", OptionalLong.empty(), 0));
    }

    @Test
    void aGroupWhoseCoordinatorIsGoneSaysSo() {
        world.join("g", "m", topic, 0);

        world.elsewhere.propose(new Command.IncarnationClosed(world.here.metadata().incarnation()));

        assertThat(describe("g").summary())
                .returns(GroupStatus.UNCOORDINATED, GroupSummary::status)
                .returns(OptionalLong.empty(), GroupSummary::coordinator);
    }

    @Test
    void aTooLongIdIsRejectedWithoutEcho() {
        String id = "x".repeat(1 << 20);

        assertThat(world.rejection(() -> world.admin.describe(id)))
                .returns(Reason.INVALID_GROUP, Problem::reason)
                .matches(problem -> !problem.message().contains("xx"));
        assertThat(world.rejection(() -> world.admin.delete(id)).reason())
                .isEqualTo(Reason.INVALID_GROUP);
    }

    @Test
    void descriptionHasLeasesAndOffsets() {
        world.write(topic, 0, 7, GroupWorld.NOW_MS - 700);
        world.write(topic, 1, 30, GroupWorld.NOW_MS - 700);
        world.commit(world.here, "g", topic, 1, 10);
        world.join("g", "m", topic, 0);

        GroupSnapshot group = describe("g");

        assertThat(group.generation()).isEqualTo(1);
        assertThat(group.members()).extracting(member -> member.id()).containsExactly("m");
        assertThat(group.partitions())
                .satisfiesExactly(
                        first -> {
                            assertThat(first.lease())
                                    .hasValueSatisfying(
                                            lease -> assertThat(lease.member()).isEqualTo("m"));
                            assertThat(first.committed()).isEmpty();
                            assertThat(first.lag())
                                    .isEqualTo(new PartitionLag(7, OptionalLong.empty()));
                        },
                        second -> {
                            assertThat(second.lease()).isEmpty();
                            assertThat(second.highWatermark()).isEqualTo(30);
                            assertThat(second.lag())
                                    .isEqualTo(new PartitionLag(20, OptionalLong.of(700)));
                        });
    }

    @Test
    void groupJustCreatedElsewhereIsFound() {
        world.commit(world.elsewhere, "new", topic, 0, 0);
        assertThat(world.here.metadata().groups().ids()).as("not heard of yet").isEmpty();

        assertThat(describe("new").partitions()).hasSize(1);
    }

    @Test
    void aGroupThatIsNowhereIsUnknown() {
        assertThat(world.rejection(() -> world.admin.describe("no")).reason())
                .isEqualTo(Reason.UNKNOWN_GROUP);
        assertThat(world.rejection(() -> world.admin.delete("no")).reason())
                .isEqualTo(Reason.UNKNOWN_GROUP);
    }

    @Test
    void onlyAGroupWithoutMembersIsDeleted() {
        world.join("busy", "m", topic, 0);
        world.commit(world.here, "idle", topic, 0, 0);

        assertThat(world.rejection(() -> world.admin.delete("busy")).reason())
                .isEqualTo(Reason.GROUP_NOT_EMPTY);
        world.ask(() -> world.admin.delete("idle"));

        assertThat(world.here.metadata().groups().ids()).containsExactly("busy");
    }

    @Test
    void memberlessCommitRequiresEmptyGroup() {
        List<Optional<Problem>> results =
                world.ask(() ->
                        world.admin.commit(
                                "manual",
                                List.of(
                                        commit(0, new CommittedOffset(5, -1, "here")),
                                        commit(7, new CommittedOffset(5, -1, "")))));

        assertThat(results.getFirst()).isEmpty();
        assertThat(results.getLast())
                .hasValueSatisfying(
                        why -> assertThat(why.reason()).isEqualTo(Reason.UNKNOWN_PARTITION));
        assertThat(world.group("manual").committed(topic.id(), 0))
                .contains(new CommittedOffset(5, -1, "here"));

        world.join("busy", "m", topic, 0);
        assertThat(
                        world.rejection(() ->
                                        world.admin.commit(
                                                "busy",
                                                List.of(commit(0, new CommittedOffset(0, -1, "")))))
                                .reason())
                .isEqualTo(Reason.GROUP_NOT_EMPTY);
    }

    @Test
    void aCommitForAnUnknownTopicIsRefused() {
        GroupCommit commit = new GroupCommit("no", 0, new CommittedOffset(0, -1, ""));
        assertThat(world.rejection(() -> world.admin.commit("g", List.of(commit))).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    private static GroupCommit commit(int partition, CommittedOffset committed) {
        return new GroupCommit("orders", partition, committed);
    }

    @Test
    void aListingComesInPagesById() {
        for (String id : List.of("a", "b", "c")) {
            world.commit(world.here, id, topic, 0, 0);
        }

        Page<GroupSummary> first = world.ask(() -> world.admin.list("", 2, any -> true));
        Page<GroupSummary> last = world.ask(() -> world.admin.list(first.next(), 2, any -> true));

        assertThat(first.rows()).extracting(GroupSummary::id).containsExactly("a", "b");
        assertThat(last.rows()).extracting(GroupSummary::id).containsExactly("c");
        assertThat(last.next()).isEmpty();
        Page<GroupSummary> visible =
                world.ask(() -> world.admin.list("", 1, id -> !id.equals("a")));
        assertThat(visible.rows()).extracting(GroupSummary::id).containsExactly("b");
        assertThat(visible.next()).isEqualTo("b");
    }
}

package io.millrace.group.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.lag.TrimmedLog;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OffsetResetTest {

    private final GroupWorld world = new GroupWorld();
    private final Topic topic = world.here.createTopic("orders", 3);

    OffsetResetTest() {
        world.write(topic, 0, 100, 1);
        world.write(topic, 1, 50, 1);
    }

    private static ResetRequest all(ResetTarget target) {
        return new ResetRequest("g", "orders", Set.of(), target, false, false);
    }

    private static ResetRequest some(ResetTarget target, Integer... partitions) {
        return new ResetRequest("g", "orders", Set.of(partitions), target, false, false);
    }

    private List<OffsetMove> reset(ResetRequest request) {
        return world.ask(() -> world.admin.reset(request)).stream()
                .map(GroupAdmin.PartitionReset::move)
                .toList();
    }

    private Reason rejected(ResetRequest request) {
        return world.rejection(() -> world.admin.reset(request)).reason();
    }

    private static OffsetMove fromNothing(int partition, long after, boolean clamped) {
        return new OffsetMove(partition, OptionalLong.empty(), after, clamped);
    }

    private static OffsetMove move(int partition, long before, long after, boolean clamped) {
        return new OffsetMove(partition, OptionalLong.of(before), after, clamped);
    }

    private void committed(int partition, long offset) {
        world.commit(world.here, "g", topic, partition, offset);
    }

    @Test
    void allPartitionsGoToTheEnd() {
        committed(0, 7);

        assertThat(reset(all(new ResetTarget.Latest())))
                .containsExactly(
                        move(0, 7, 100, false),
                        fromNothing(1, 50, false),
                        fromNothing(2, 0, false));
        assertThat(world.committed("g", topic, 0)).hasValue(100);
        assertThat(world.committed("g", topic, 1)).hasValue(50);
    }

    @Test
    void onlyTheNamedPartitionsGoToTheBeginning() {
        committed(0, 7);
        committed(1, 8);

        assertThat(reset(some(new ResetTarget.Earliest(), 1)))
                .containsExactly(move(1, 8, 0, false));
        assertThat(world.committed("g", topic, 0)).hasValue(7);
    }

    @Test
    void anOffsetOutOfRangeIsMovedIntoIt() {
        committed(0, 7);

        assertThat(reset(some(new ResetTarget.Offset(70), 0, 1)))
                .containsExactly(move(0, 7, 70, false), fromNothing(1, 50, true));
    }

    @Test
    void resetCannotGoBelowLogStart() {
        committed(0, 7);
        TrimmedLog trimmed = new TrimmedLog(15, List.of(1L, 1L, 1L));
        ResetPlan plan =
                new ResetPlan(
                        some(new ResetTarget.Relative(-3), 0),
                        world.here.metadata().groups().group("g"),
                        topic,
                        (topicId, partition) -> Optional.of(trimmed));

        assertThat(plan.moves(Map.of())).containsExactly(move(0, 7, 15, true));
    }

    @Test
    void relativeResetNeedsCommittedOffsetAndIsClamped() {
        committed(0, 30);
        committed(1, 30);

        assertThat(reset(all(new ResetTarget.Relative(-10))))
                .containsExactly(move(0, 30, 20, false), move(1, 30, 20, false));
        assertThat(reset(all(new ResetTarget.Relative(40))))
                .containsExactly(move(0, 20, 60, false), move(1, 20, 50, true));
        assertThat(reset(all(new ResetTarget.Relative(Long.MIN_VALUE))))
                .containsExactly(move(0, 60, 0, true), move(1, 50, 0, true));
        assertThat(reset(some(new ResetTarget.Relative(Long.MAX_VALUE), 0)))
                .containsExactly(move(0, 0, 100, true));
    }

    @Test
    void thereIsNoRelativeMoveWhereNothingIsCommitted() {
        committed(0, 30);

        assertThat(rejected(some(new ResetTarget.Relative(-10), 0, 2)))
                .isEqualTo(Reason.NO_COMMITTED_OFFSET);
        assertThat(world.committed("g", topic, 0)).as("all or nothing").hasValue(30);
    }

    @Test
    void aTimeGoesWhereItsFirstRecordIs() {
        committed(0, 30);
        world.timeFinds = new OffsetResult.Found(42, 5);

        assertThat(reset(some(new ResetTarget.Time(5), 0))).containsExactly(move(0, 30, 42, false));
    }

    @Test
    void aTimeThatCannotBeLookedUpMovesNothing() {
        committed(0, 30);
        world.timeFinds = new OffsetResult.Failed(new Problem(Reason.STORAGE_UNAVAILABLE, "Away."));

        assertThat(rejected(all(new ResetTarget.Time(5)))).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(world.committed("g", topic, 0)).hasValue(30);
    }

    @Test
    void aTopicThatIsReplacedWhileATimeIsLookedUpIsAnotherTopic() {
        committed(0, 30);
        world.meanwhile =
                () -> {
                    for (Command each :
                            List.of(
                                    new Command.TopicDeleted(topic.id()),
                                    new Command.TopicCreated("orders", 3, Map.of()))) {
                        var unused =
                                world.here.metadata().propose(each, Metadata.Priority.BACKGROUND);
                    }
                };

        assertThat(rejected(some(new ResetTarget.Time(5), 0))).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void dryRunChangesNothing() {
        committed(0, 30);

        assertThat(
                        reset(
                                new ResetRequest(
                                        "g",
                                        "orders",
                                        Set.of(0),
                                        new ResetTarget.Earliest(),
                                        true,
                                        false)))
                .containsExactly(move(0, 30, 0, false));
        assertThat(world.committed("g", topic, 0)).hasValue(30);
    }

    @Test
    void aGroupWithMembersStaysWhereItIs() {
        committed(0, 30);
        world.join("g", "m", topic, 0);

        assertThat(rejected(all(new ResetTarget.Earliest()))).isEqualTo(Reason.GROUP_NOT_EMPTY);
        assertThat(world.committed("g", topic, 0)).hasValue(30);
    }

    @Test
    void aGroupIsMadeOnlyWhereThatIsWanted() {
        assertThat(rejected(all(new ResetTarget.Latest()))).isEqualTo(Reason.UNKNOWN_GROUP);

        reset(new ResetRequest("g", "orders", Set.of(), new ResetTarget.Latest(), false, true));

        assertThat(world.committed("g", topic, 1)).hasValue(50);
    }

    @Test
    void whatIsNotThereIsDenied() {
        committed(0, 30);

        assertThat(rejected(some(new ResetTarget.Latest(), 3))).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(
                        rejected(
                                new ResetRequest(
                                        "g",
                                        "no",
                                        Set.of(),
                                        new ResetTarget.Latest(),
                                        false,
                                        false)))
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void aTopicOfManyPartitionsIsResetWhole() {
        Topic wide = world.here.createTopic("wide", 25_000);
        world.commit(world.here, "g", wide, 0, 0);

        assertThat(
                        reset(
                                new ResetRequest(
                                        "g",
                                        "wide",
                                        Set.of(),
                                        new ResetTarget.Latest(),
                                        false,
                                        false)))
                .hasSize(25_000);
        assertThat(world.group("g").partitions(wide.id())).hasSize(25_000);
    }
}

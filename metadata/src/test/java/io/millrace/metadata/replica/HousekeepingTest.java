package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.state.MetadataState;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HousekeepingTest {

    private static final long OWN = 1;
    private static final long OTHER = 2;
    private static final long GONE = 3;
    private static final long LEVELS = 4;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int NEWEST = TestLevels.TWO.newest();

    private final MetadataState state = new MetadataState(TestLevels.TWO);
    private long committed = 1;
    private final Housekeeping housekeeping =
            new Housekeeping(
                    Duration.ofDays(7),
                    Duration.ofHours(1),
                    Duration.ofSeconds(10),
                    TestLevels.TWO,
                    LevelPolicy.AUTOMATIC,
                    Long.MAX_VALUE);

    HousekeepingTest() {
        state.apply(
                new Entry(
                        LEVELS,
                        1,
                        List.of(
                                new Command.FeatureLevelRaised(TestLevels.TWO.newest()),
                                new Command.IncarnationClosed(LEVELS))));
        for (long incarnation : List.of(OWN, OTHER, GONE)) {
            state.apply(new Entry(incarnation, 1, List.of(new Command.ProducerIdsAllocated(1))));
        }
    }

    @Test
    void theLeaderClosesAnIncarnationOfNoLiveNodeAfterItsGrace() {
        Membership both = nodes(true, OWN, OTHER);
        assertThat(due(0, both)).isEmpty();
        assertThat(due(9, both)).isEmpty();
        assertThat(due(10, both)).containsExactly(new Command.IncarnationClosed(GONE));
        assertThat(due(11, both)).as("once per grace period").isEmpty();
        assertThat(due(20, both)).containsExactly(new Command.IncarnationClosed(GONE));
    }

    @Test
    void aCoordinatorOfGroupsIsClosedAtOnceForItsMembersWait() {
        state.apply(new Entry(GONE, 2, List.of(new Command.GroupClaimed("g", GONE, 0))));
        Membership both = nodes(true, OWN, OTHER);

        assertThat(due(0, both)).isEmpty();
        assertThat(due(1, both)).containsExactly(new Command.IncarnationClosed(GONE));
        assertThat(due(2, both)).as("once per grace period").isEmpty();
        assertThat(due(11, both)).containsExactly(new Command.IncarnationClosed(GONE));
    }

    @Test
    void aNodeThatReleasedItsGroupsHasTheFullGracePeriod() {
        state.apply(
                new Entry(
                        GONE,
                        2,
                        List.of(
                                new Command.GroupClaimed("g", GONE, 0),
                                new Command.GroupReleased("g", 1))));
        Membership both = nodes(true, OWN, OTHER);
        due(0, both);

        assertThat(due(9, both)).isEmpty();
    }

    @Test
    void whatIsClosedIsNotClosedAgain() {
        due(0, nodes(true, OWN, OTHER));
        state.apply(new Entry(OWN, 2, List.of(new Command.IncarnationClosed(GONE))));
        assertThat(due(30, nodes(true, OWN, OTHER))).isEmpty();
    }

    @Test
    void aWriterThatDiedBeforeItsFirstEntryIsClosedOnceAnObjectOfItIsCondemned() {
        long unknown = 50;
        Membership all = nodes(true, OWN, OTHER, GONE);
        assertThat(due(0, all)).isEmpty();
        state.apply(
                new Entry(
                        OWN,
                        2,
                        List.of(
                                new Command.ObjectsCondemned(
                                        List.of(
                                                condemned(unknown),
                                                condemned(OTHER),
                                                condemned(GONE))))));
        assertThat(due(20, all)).isEmpty();
        assertThat(due(30, all)).containsExactly(new Command.IncarnationClosed(unknown));

        state.apply(new Entry(OWN, 3, List.of(new Command.IncarnationClosed(unknown))));
        assertThat(due(60, all)).isEmpty();
    }

    private static CondemnedObject condemned(long writer) {
        return new CondemnedObject(new ObjectId(ObjectId.Kind.WAL, writer, 0), 1);
    }

    @Test
    void aFollowerClosesNothingAndKeepsCountForWhenItLeads() {
        assertThat(due(0, nodes(false, OWN, OTHER))).isEmpty();
        assertThat(due(30, nodes(false, OWN, OTHER))).isEmpty();
        assertThat(due(31, nodes(true, OWN, OTHER)))
                .containsExactly(new Command.IncarnationClosed(GONE));
    }

    @Test
    void aNodeThatComesBackInTimeIsNotClosed() {
        due(0, nodes(true, OWN, OTHER));
        assertThat(due(9, nodes(true, OWN, OTHER, GONE))).isEmpty();
        assertThat(due(12, nodes(true, OWN, OTHER))).as("the grace period restarts").isEmpty();
    }

    @Test
    void aNodeNeverClosesItself() {
        due(0, nodes(true, OTHER, GONE));
        assertThat(due(60, nodes(true, OTHER, GONE))).isEmpty();
    }

    @Test
    void theLevelIsRaisedOnceAllLiveNodesKnowANewerOne() {
        MetadataState old = new MetadataState(TestLevels.TWO);

        assertThat(levels(old, nodes(true, List.of(NEWEST, 1), OWN, OTHER))).isEmpty();
        assertThat(levels(old, nodes(false, List.of(NEWEST, NEWEST), OWN, OTHER))).isEmpty();
        assertThat(levels(old, nodes(true, List.of(NEWEST, NEWEST), OWN, OTHER)))
                .containsExactly(new Command.FeatureLevelRaised(NEWEST));
    }

    @Test
    void theLevelWaitsForAnUnavailableNodeUntilItsIncarnationIsClosed() {
        MetadataState old = new MetadataState(TestLevels.TWO);
        old.apply(new Entry(GONE, 1, List.of(new Command.ProducerIdsAllocated(1))));
        Membership both = nodes(true, List.of(NEWEST, NEWEST), OWN, OTHER);
        assertThat(levels(old, both)).isEmpty();

        old.apply(new Entry(OWN, 1, List.of(new Command.IncarnationClosed(GONE))));

        assertThat(levels(old, both)).containsExactly(new Command.FeatureLevelRaised(NEWEST));
    }

    @Test
    void aClusterWithRecordsWaitsForAnOperator() {
        MetadataState old = new MetadataState(TestLevels.TWO);

        assertThat(
                        withPolicy(LevelPolicy.ON_REQUEST)
                                .due(0, old, OWN, nodes(true, List.of(NEWEST), OWN)))
                .isEmpty();
    }

    @Test
    void aClusterBeginsAtTheNewestLevelOfItsFirstNodes() {
        MetadataState empty = new MetadataState(TestLevels.TWO);
        Housekeeping first = withPolicy(LevelPolicy.ON_REQUEST);
        first.logIsEmpty();

        assertThat(first.due(0, empty, OWN, nodes(false, List.of())))
                .as("not registered yet")
                .isEmpty();
        assertThat(first.due(1, empty, OWN, nodes(true, List.of(NEWEST), OWN)))
                .containsExactly(new Command.FeatureLevelRaised(NEWEST));
    }

    @Test
    void aClusterThatBeganStaysAtItsLevelWhenTheLastOldNodeIsReplaced() {
        MetadataState begun = new MetadataState(TestLevels.TWO);
        Housekeeping first = withPolicy(LevelPolicy.ON_REQUEST);
        first.logIsEmpty();
        assertThat(first.due(0, begun, OWN, nodes(true, List.of(NEWEST, 1), OWN, OTHER))).isEmpty();

        assertThat(first.due(1, begun, OWN, nodes(true, List.of(NEWEST, NEWEST), OWN, GONE)))
                .isEmpty();
    }

    @Test
    void aNodeOfAnOlderVersionRaisesNothing() {
        Housekeeping held =
                new Housekeeping(
                        Duration.ofDays(7),
                        Duration.ofDays(7),
                        Duration.ZERO,
                        TestLevels.ONE,
                        LevelPolicy.AUTOMATIC,
                        Long.MAX_VALUE);

        assertThat(held.due(0, new MetadataState(TestLevels.TWO), OWN, Membership.SINGLE_NODE))
                .isEmpty();
        assertThat(
                        held.due(
                                0,
                                new MetadataState(TestLevels.TWO),
                                OWN,
                                nodes(true, List.of(1, 2), OWN, OTHER)))
                .isEmpty();
    }

    @Test
    void theLeaderForgetsGroupsThatWereEmptyForLong() {
        Membership all = nodes(true, OWN, OTHER, GONE);
        int hour = 3600;
        commit();
        long committedIn = state.entries();
        assertThat(due(0, all)).isEmpty();
        assertThat(due(hour - 1, all)).isEmpty();
        assertThat(due(hour, all)).containsExactly(new Command.GroupsExpired(committedIn));
        assertThat(due(hour + 1, all)).as("once").isEmpty();
    }

    @Test
    void aGroupThatCommittedMeanwhileIsKept() {
        Membership all = nodes(true, OWN, OTHER, GONE);
        commit();
        due(0, all);
        commit();

        for (Command command : due(3600, all)) {
            state.apply(new Entry(OTHER, 2, List.of(command)));
        }

        assertThat(state.groups().ids()).containsExactly("g");
    }

    @Test
    void aFollowerForgetsNoGroups() {
        commit();
        due(0, nodes(false, OWN, OTHER, GONE));
        assertThat(due(3600, nodes(false, OWN, OTHER, GONE))).isEmpty();
    }

    @Test
    void whereThereAreNoGroupsNoneAreForgotten() {
        due(0, nodes(true, OWN, OTHER, GONE));
        assertThat(due(3600, nodes(true, OWN, OTHER, GONE))).isEmpty();
    }

    /** Commits an offset in a group without members. */
    private void commit() {
        state.apply(
                new Entry(
                        GONE,
                        ++committed,
                        List.of(
                                new Command.TopicCreated("t", 1, Map.of()),
                                new Command.OffsetsCommitted(
                                        "g",
                                        "",
                                        -1,
                                        List.of(
                                                new OffsetCommit(
                                                        1, 0, new CommittedOffset(0, -1, "")))))));
    }

    private List<Command> levels(MetadataState of, Membership membership) {
        return withPolicy(LevelPolicy.AUTOMATIC).due(0, of, OWN, membership);
    }

    private static Housekeeping withPolicy(LevelPolicy policy) {
        return new Housekeeping(
                Duration.ofDays(7),
                Duration.ofHours(1),
                Duration.ofSeconds(10),
                TestLevels.TWO,
                policy,
                Long.MAX_VALUE);
    }

    private List<Command> due(long second, Membership membership) {
        return housekeeping.due(second * SECOND, state, OWN, membership);
    }

    private static Membership nodes(boolean leads, long... incarnations) {
        return nodes(
                leads,
                Collections.nCopies(incarnations.length, TestLevels.TWO.newest()),
                incarnations);
    }

    private static Membership nodes(boolean leads, List<Integer> levels, long... incarnations) {
        List<RegisteredNode> members =
                IntStream.range(0, incarnations.length)
                        .mapToObj(i -> {
                            long value = incarnations[i];
                            return new RegisteredNode(
                                    "n" + value,
                                    value,
                                    Set.of(Role.INGEST),
                                    "",
                                    "host",
                                    1,
                                    levels.get(i),
                                    value);
                        })
                        .toList();
        return new Membership() {
            @Override
            public List<RegisteredNode> nodes() {
                return members;
            }

            @Override
            public boolean isLeader() {
                return leads;
            }
        };
    }
}

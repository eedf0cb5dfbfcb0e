package io.millrace.metadata.state;

import static io.millrace.metadata.command.Command.OffsetsCommitted.START_POSITION;
import static io.millrace.metadata.command.Command.OffsetsCommitted.UNNUMBERED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommitNumbersTest {

    private static final long COORDINATOR = 1;

    /** The member's current node and its previous node. */
    private static final long NODE = 2;

    private static final long EARLIER_NODE = 3;

    private static final RowOutcome COUNTS = new RowOutcome.Accepted();
    private static final RowOutcome SUPERSEDED = new RowOutcome.Superseded();
    private static final RowOutcome NOT_LEASED =
            new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED);

    private MetadataState state = new MetadataState();
    private final Map<Long, Long> n = new HashMap<>();
    private long topic;
    private long claim;
    private int generation;

    @BeforeEach
    void giveAPartitionToAMember() {
        topic =
                ((Outcome.TopicReady)
                                apply(COORDINATOR, new Command.TopicCreated("t", 20, Map.of())))
                        .topic()
                        .id();
        claim =
                ((Outcome.GroupClaim)
                                apply(COORDINATOR, new Command.GroupClaimed("g", COORDINATOR, 0)))
                        .claimEpoch();
        lease("a", 0);
    }

    private Outcome apply(long node, Command command) {
        ApplyResult applied =
                state.apply(new Entry(node, n.merge(node, 1L, Long::sum), List.of(command)));
        return ((ApplyResult.Outcomes) applied).outcomes().getFirst();
    }

    /** Gives the group the members a and b and leases partitions to the holder. */
    private void lease(String holder, int... partitions) {
        List<GroupMember> members =
                Stream.of("a", "b")
                        .map(id -> new GroupMember(id, "", ByteString.EMPTY, ByteString.EMPTY))
                        .toList();
        List<LeaseChange> leases =
                IntStream.of(partitions).mapToObj(p -> new LeaseChange(topic, p, holder)).toList();
        Outcome outcome =
                apply(
                        COORDINATOR,
                        new Command.GroupChanged(
                                "g",
                                claim,
                                ++generation,
                                new GroupChange("", ByteString.EMPTY, List.of(), members, leases)));
        assertThat(outcome).isEqualTo(new Outcome.Completed());
    }

    private RowOutcome commit(long node, long number, long offset) {
        return commit(node, "a", generation, number, offset);
    }

    private RowOutcome commit(
            long node, String member, int knownGeneration, long number, long offset) {
        Outcome outcome =
                apply(
                        node,
                        new Command.OffsetsCommitted(
                                "g", member, knownGeneration, number, List.of(row(0, offset))));
        return ((Outcome.Rows) outcome).rows().getFirst();
    }

    private OffsetCommit row(int partition, long offset) {
        return new OffsetCommit(topic, partition, new CommittedOffset(offset, -1, ""));
    }

    private Group group() {
        return state.groups().group("g").orElseThrow();
    }

    private long committed() {
        return group().committed(topic, 0).orElseThrow().offset();
    }

    private void restart() {
        byte[] checkpoint = CheckpointCodec.encode(state.snapshot());
        state = CheckpointCodec.decode(checkpoint, "the checkpoint", FeatureLevels.ALL);
        assertThat(CheckpointCodec.encode(state.snapshot())).isEqualTo(checkpoint);
    }

    @Test
    void aDelayedCommitDoesNotOverwriteALaterOneOfItsMember() {
        commit(NODE, 2, 20);

        assertThat(commit(EARLIER_NODE, 1, 10)).isEqualTo(SUPERSEDED);
        assertThat(committed()).isEqualTo(20);
    }

    @Test
    void aCommitThatIsSentAgainUnderItsNumberCounts() {
        commit(EARLIER_NODE, 1, 10);

        assertThat(commit(NODE, 1, 10)).isEqualTo(COUNTS);
        assertThat(committed()).isEqualTo(10);
    }

    @Test
    void aMemberMayGoBackByALaterCommit() {
        commit(NODE, 1, 20);

        assertThat(commit(NODE, 2, 5)).isEqualTo(COUNTS);
        assertThat(commit(EARLIER_NODE, 1, 20)).isEqualTo(SUPERSEDED);
        assertThat(committed()).isEqualTo(5);
    }

    @Test
    void eachPartitionHasTheNumberOfItsOwnLastCommit() {
        lease("a", 1);
        commit(NODE, 2, 20);

        assertThat(
                        apply(
                                EARLIER_NODE,
                                new Command.OffsetsCommitted(
                                        "g", "a", generation, 1, List.of(row(0, 10), row(1, 10)))))
                .isEqualTo(new Outcome.Rows(List.of(SUPERSEDED, COUNTS)));
    }

    @Test
    void theNextHolderNumbersFromTheStart() {
        commit(NODE, 9, 20);
        lease("b", 0);

        assertThat(commit(NODE, "b", generation, 1, 25)).isEqualTo(COUNTS);
        assertThat(commit(EARLIER_NODE, 10, 30)).isEqualTo(NOT_LEASED);
        assertThat(committed()).isEqualTo(25);
    }

    @Test
    void aRegainedPartitionNumbersFromTheStartAndRejectsDelayedCommits() {
        commit(NODE, 9, 20);
        int before = generation;
        lease("b", 0);
        lease("a", 0);

        assertThat(commit(NODE, 1, 25)).isEqualTo(COUNTS);
        assertThat(commit(EARLIER_NODE, "a", before, 10, 21)).isEqualTo(NOT_LEASED);
        assertThat(committed()).isEqualTo(25);
    }

    @Test
    void aRevokedPartitionForgetsTheNumber() {
        commit(NODE, 9, 20);
        lease("", 0);
        lease("a", 0);

        assertThat(commit(NODE, 1, 25)).isEqualTo(COUNTS);
    }

    @Test
    void anUnnumberedCommitDoesNotOverwriteANumberedOne() {
        commit(NODE, UNNUMBERED, 10);
        commit(NODE, 2, 20);

        assertThat(commit(EARLIER_NODE, UNNUMBERED, 15)).isEqualTo(SUPERSEDED);
        assertThat(committed()).isEqualTo(20);
    }

    @Test
    void commitsOfAMemberThatNumbersNoneCountInTheOrderOfTheLog() {
        commit(NODE, START_POSITION, 5);

        assertThat(commit(NODE, UNNUMBERED, 20)).isEqualTo(COUNTS);
        assertThat(commit(NODE, UNNUMBERED, 10)).isEqualTo(COUNTS);
        assertThat(committed()).isEqualTo(10);
    }

    @Test
    void theNextHolderNeedNotNumber() {
        commit(NODE, 2, 20);
        lease("b", 0);

        assertThat(commit(NODE, "b", generation, UNNUMBERED, 25)).isEqualTo(COUNTS);
    }

    @Test
    void aStartPositionCountsOnlyWithoutACommit() {
        assertThat(commit(NODE, START_POSITION, 100)).isEqualTo(COUNTS);
        assertThat(commit(EARLIER_NODE, START_POSITION, 90)).isEqualTo(SUPERSEDED);
        assertThat(commit(NODE, 1, 101)).isEqualTo(COUNTS);
        assertThat(commit(EARLIER_NODE, START_POSITION, 90)).isEqualTo(SUPERSEDED);
        lease("b", 0);
        assertThat(commit(NODE, "b", generation, START_POSITION, 200)).isEqualTo(SUPERSEDED);
        assertThat(committed()).isEqualTo(101);
    }

    @Test
    void aCheckpointKeepsTheNumbers() {
        commit(NODE, 2, 20);
        lease("a", 1, 17);
        long digest = state.digest();
        restart();

        assertThat(state.digest()).isEqualTo(digest);
        assertThat(commit(EARLIER_NODE, 1, 10)).isEqualTo(SUPERSEDED);
        restart();
        assertThat(commit(NODE, 2, 20)).isEqualTo(COUNTS);
    }

    @Test
    void aSnapshotKeepsTheNumberAsOfItsEntry() {
        commit(NODE, 2, 20);
        StateSnapshot before = state.snapshot();
        commit(NODE, 5, 50);

        state =
                CheckpointCodec.decode(
                        CheckpointCodec.encode(before), "the checkpoint", FeatureLevels.ALL);

        assertThat(commit(EARLIER_NODE, 3, 30)).isEqualTo(COUNTS);
    }
}

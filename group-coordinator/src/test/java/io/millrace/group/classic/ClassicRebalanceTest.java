package io.millrace.group.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.metadata.topic.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of one rebalance, without a group. */
final class ClassicRebalanceTest {

    private static ClassicRebalance joined(String... members) {
        ClassicRebalance round = new ClassicRebalance(List.of());
        for (String member : members) {
            round.join(member, List.of("range"));
        }
        return round;
    }

    private static MemberAssignment share(int... partitions) {
        return new MemberAssignment(
                ByteString.EMPTY,
                IntStream.of(partitions).mapToObj(number -> new PartitionId(1, number)).toList());
    }

    @Test
    void rebalanceIsCompleteWhenAllMembersJoined() {
        ClassicRebalance round = new ClassicRebalance(List.of("a", "b"));
        round.join("c", List.of("range"));
        round.join("a", List.of("range"));
        assertThat(round.isComplete()).isFalse();

        round.join("b", List.of("range"));

        assertThat(round.isComplete()).isTrue();
    }

    @Test
    void rebalanceDoesNotWaitForLeavingMembers() {
        ClassicRebalance round = new ClassicRebalance(List.of("a", "b"));
        round.leave("a");
        round.join("c", List.of("range"));
        assertThat(round.isComplete()).isFalse();

        round.leave("b");

        assertThat(round.isComplete()).isTrue();
    }

    @Test
    void commonProtocolWithMostVotesIsElected() {
        ClassicRebalance round = new ClassicRebalance(List.of());
        round.join("a", List.of("new", "range", "sticky"));
        round.join("b", List.of("sticky", "range"));
        round.join("c", List.of("sticky", "range", "new"));
        round.close(1, "", Map.of());

        assertThat(round.electedProtocol()).isEqualTo("sticky");
        assertThat(round.leader()).isEqualTo("a");
    }

    @Test
    void formerLeaderLeadsAgainIfItHasJoined() {
        ClassicRebalance round = joined("a", "b");
        round.close(2, "b", Map.of());
        assertThat(round.leader()).isEqualTo("b");

        ClassicRebalance other = joined("a");
        other.close(2, "b", Map.of("b", List.of("range")));
        assertThat(other.leader()).as("kept members have not joined").isEqualTo("a");
        assertThat(other.members()).containsExactly("a", "b");
    }

    @Test
    void partitionBelongsToTheFirstMemberThatWasAssignedIt() {
        ClassicRebalance round = joined("a", "b");
        round.close(1, "", Map.of());

        round.assign(Map.of("a", share(0, 1), "b", share(1, 2), "c", share(3)));

        assertThat(round.holders())
                .containsExactly(
                        Map.entry(new PartitionId(1, 0), "a"),
                        Map.entry(new PartitionId(1, 1), "a"),
                        Map.entry(new PartitionId(1, 2), "b"));
    }

    @Test
    void assignmentRequiresClosedRebalance() {
        ClassicRebalance round = joined("a");

        assertThatThrownBy(() -> round.assign(Map.of())).isInstanceOf(IllegalStateException.class);
    }
}

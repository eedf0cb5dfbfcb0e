package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.it.GroupEvent.Kind;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the time until the partitions of a departed member are read again, and the pause of all
 * other partitions.
 */
@Tag(TestScale.FULL)
@Timeout(180)
@Tag("serial")
class GroupHandoverIT {

    private static final int PARTITIONS = 6;
    private static final int SHORT_SECONDS = 5;

    /** A wait for this session timeout would be visible in the result. */
    private static final int LONG_SECONDS = 60;

    /** Until then, the processes still run cold code. */
    private static final int[] WARM = IntStream.generate(() -> 2_000).limit(PARTITIONS).toArray();

    @TempDir Path folder;

    @Test
    void aLeavingMemberDoesNotDisturbOtherMembers() throws Exception {
        HandoverCost cost = cost(LONG_SECONDS, RecordedGroup::endMember);
        System.out.printf(
                "GroupHandoverIT: one leaves: read on after %d ms, %s%n",
                cost.movedMillis, cost.ofOthers());
        assertThat(cost.movedMillis)
                .as("not after the session timeout")
                .isLessThan(Duration.ofSeconds(LONG_SECONDS).toMillis());
    }

    @Test
    void aKilledMemberDoesNotDisturbOtherMembers() throws Exception {
        HandoverCost cost = cost(SHORT_SECONDS, RecordedGroup::killMember);
        System.out.printf(
                "GroupHandoverIT: one is killed, with a session timeout of %d s: read on after %d ms, %s%n",
                SHORT_SECONDS, cost.movedMillis, cost.ofOthers());
    }

    private HandoverCost cost(int sessionSeconds, MemberEnd end) throws Exception {
        try (FolderCluster cluster = FolderCluster.of(folder, "n0", "n1");
                MillraceClient client = MillraceClient.connect(cluster.addresses());
                RecordedGroup group =
                        new RecordedGroup(
                                cluster,
                                folder,
                                new RecordedGroup.Spec("g", "t", PARTITIONS, sessionSeconds))) {
            cluster.node("n0").createTopic("t", PARTITIONS);
            try (SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
                group.startMembers(3);
                group.awaitBalance();
                group.awaitHandled(WARM);
                MemberDeparture change = change(group, group.alive().getFirst(), end);
                group.awaitHandled(writer.ends());
                return change.cost(group.history(), writer.storedNanos());
            }
        }
    }

    /** A way to end a member. */
    private interface MemberEnd {
        void of(RecordedGroup group, MemberProcess member) throws Exception;
    }

    /**
     * The cost of a member's end.
     *
     * @param movedMillis the time until all of its partitions were read again
     * @param pauseMillis the longest pause of any other partition meanwhile, including pauses
     *     without new records
     * @param waitMillis the longest wait of a stored record of the other partitions
     */
    private record HandoverCost(long movedMillis, long pauseMillis, long waitMillis) {

        String ofOthers() {
            return "other partitions pause for at most %d ms, and their records wait for at most %d ms"
                    .formatted(pauseMillis, waitMillis);
        }
    }

    /**
     * The time at which a member was ended, the time at which its partitions were read again, and
     * the partitions that did not move.
     */
    private record MemberDeparture(long from, long to, Set<Integer> staying) {

        HandoverCost cost(GroupHistory history, Map<PartitionAddress, Long> storedNanos) {
            return new HandoverCost(
                    (to - from) / 1_000_000,
                    max(partition -> history.maxPauseNanos(partition, from, to)),
                    max(partition -> history.maxWaitNanos(partition, storedNanos, from, to)));
        }

        private long max(IntToLongFunction nanos) {
            return staying.stream().mapToLong(nanos::applyAsLong).max().orElseThrow() / 1_000_000;
        }
    }

    /** Ends a member and checks that the partitions of the other members do not move. */
    private static MemberDeparture change(RecordedGroup group, MemberProcess member, MemberEnd end)
            throws Exception {
        Set<Integer> moving = group.history().partitionsOf(member.name());
        Map<String, Set<Integer>> staying = group.partitionsByMember();
        staying.remove(member.name());
        Map<String, List<GroupEvent>> hands = group.assignmentEvents();
        long from = System.nanoTime();
        end.of(group, member);
        Eventually.await(
                () -> "other members continue: " + group.partitionsByMember() + group.errors(),
                () -> {
                    GroupHistory now = group.history();
                    return moving.stream()
                            .allMatch(partition ->
                                    staying.keySet().stream()
                                            .anyMatch(process ->
                                                    now.partitionsOf(process).contains(partition)));
                });
        GroupHistory after = group.history();
        Map<String, List<GroupEvent>> handsAfter = group.assignmentEvents();
        staying.forEach((name, partitions) -> {
            assertThat(after.partitionsOf(name)).containsAll(partitions);
            List<GroupEvent> its = handsAfter.getOrDefault(name, List.of());
            assertThat(its.subList(hands.getOrDefault(name, List.of()).size(), its.size()))
                    .as("%s is only assigned partitions of %s", name, member.name())
                    .allMatch(event ->
                            event.kind() == Kind.ASSIGNED && moving.contains(event.partition()));
        });
        long to =
                moving.stream()
                        .mapToLong(partition ->
                                after.firstBatchOfOthers(partition, member.name(), from))
                        .max()
                        .orElseThrow();
        Set<Integer> stay =
                staying.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        return new MemberDeparture(from, to, stay);
    }
}

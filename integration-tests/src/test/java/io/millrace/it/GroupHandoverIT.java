package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long it takes until the partitions of a member that goes are read again, and whom it costs.
 */
@Timeout(180)
class GroupHandoverIT {

    private static final int PARTITIONS = 6;
    private static final int SESSION_SECONDS = 5;

    /** What a busy machine may add to anything. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    @TempDir Path folder;

    @Test
    void whoLeavesOrIsKilledDisturbsNobodyElse() throws Exception {
        try (FolderCluster cluster = FolderCluster.of(folder, "n0", "n1");
                MillraceClient client = MillraceClient.connect(cluster.addresses());
                RecordedGroup group =
                        new RecordedGroup(
                                cluster,
                                folder,
                                new RecordedGroup.Spec("g", "t", PARTITIONS, SESSION_SECONDS))) {
            cluster.node("n0").createTopic("t", PARTITIONS);
            try (SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
                group.come(3);
                group.awaitShares();
                Cost leaving = cost(group, group.alive().getFirst(), group::leaves);
                group.comes();
                group.awaitShares();
                Cost dying = cost(group, group.alive().getFirst(), group::isKilled);
                group.awaitHandled(writer.ends());
                System.out.printf(
                        "GroupHandoverIT: one leaves: read on after %d ms, others pause %d ms at most; one is killed, with a session timeout of %d s: read on after %d ms, others pause %d ms at most%n",
                        leaving.movedMillis,
                        leaving.pauseMillis,
                        SESSION_SECONDS,
                        dying.movedMillis,
                        dying.pauseMillis);
                assertThat(leaving.movedMillis).isLessThan(SLACK.toMillis());
                assertThat(dying.movedMillis)
                        .isLessThan(SLACK.plusSeconds(SESSION_SECONDS).toMillis());
                assertThat(Math.max(leaving.pauseMillis, dying.pauseMillis))
                        .isLessThan(SLACK.toMillis());
            }
        }
    }

    /** The end of a member. */
    private interface End {
        void of(MemberProcess member) throws Exception;
    }

    /**
     * What the end of a member cost.
     *
     * @param movedMillis until all of its partitions were read again
     * @param pauseMillis the longest pause of any other partition meanwhile
     */
    private record Cost(long movedMillis, long pauseMillis) {}

    /** Ends a member, and sees that the partitions of the others stay where they are. */
    private static Cost cost(RecordedGroup group, MemberProcess member, End end) throws Exception {
        Set<Integer> moving = group.history().partitionsOf(member.name());
        Map<String, Set<Integer>> staying = group.shares();
        staying.remove(member.name());
        long from = System.nanoTime();
        end.of(member);
        Eventually.await(
                () -> "others read on: " + group.shares() + group.errors(),
                () -> {
                    GroupHistory now = group.history();
                    return moving.stream()
                            .allMatch(partition ->
                                    staying.keySet().stream()
                                            .anyMatch(one ->
                                                    now.partitionsOf(one).contains(partition)));
                });
        GroupHistory after = group.history();
        staying.forEach(
                (name, partitions) -> assertThat(after.partitionsOf(name)).containsAll(partitions));
        long to =
                moving.stream()
                        .mapToLong(partition -> after.begunByOthers(partition, member.name(), from))
                        .max()
                        .orElseThrow();
        long pause =
                staying.values().stream()
                        .flatMap(Set::stream)
                        .mapToLong(partition -> after.longestPauseNanos(partition, from, to))
                        .max()
                        .orElseThrow();
        return new Cost((to - from) / 1_000_000, pause / 1_000_000);
    }
}

package io.millrace.group.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millrace.group.assignor.AssignmentSpec.MemberSpec;
import io.millrace.metadata.topic.PartitionId;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The guarantees of all assignment strategies, and those of each one. */
final class AssignmentStrategyTest {

    private static final int SEEDS = 400;
    private static final List<String> ZONES = List.of("", "a", "b", "c");

    @ParameterizedTest
    @EnumSource
    void everyPartitionWithASubscriberHasOneWhoReadsIt(AssignmentStrategy assignor) {
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = random(new Random(seed), 8, 40);
            Map<PartitionId, String> shares = assignor.assign(sharing);
            for (PartitionId key : partitions(sharing.topics())) {
                Set<String> readers = readers(sharing, key);
                if (readers.isEmpty()) {
                    assertThat(shares).as("seed %d", seed).doesNotContainKey(key);
                } else {
                    assertThat(readers).as("seed %d %s", seed, key).contains(shares.get(key));
                }
            }
            assertThat(partitions(sharing.topics())).containsAll(shares.keySet());
        }
    }

    /** One byte for each member and topic would be 100 MB. */
    @ParameterizedTest
    @EnumSource
    void aGroupAtTheLimitsOfItsMembersIsAssigned(AssignmentStrategy assignor) {
        SortedMap<Long, Integer> topics = new TreeMap<>();
        LongStream.range(0, 10_000).forEach(id -> topics.put(id, 1));
        List<MemberSpec> members =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> new MemberSpec("m" + i, "m" + i, "", topics.keySet()))
                        .toList();

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Map<PartitionId, String> shares =
                assignor.assign(new AssignmentSpec(members, topics, Map.of(), key -> ""));

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(50_000_000);
        assertThat(shares).hasSize(10_000);
        if (assignor != AssignmentStrategy.RANGE) {
            assertThat(new HashSet<>(shares.values())).hasSize(10_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameQuestionHasTheSameAnswerInWhateverOrderItIsPut(AssignmentStrategy assignor) {
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = random(new Random(seed), 8, 40);
            List<MemberSpec> shuffled = new ArrayList<>(sharing.members());
            Collections.shuffle(shuffled, new Random(seed));
            AssignmentSpec again =
                    new AssignmentSpec(
                            shuffled,
                            new TreeMap<>(sharing.topics()),
                            new HashMap<>(sharing.current()),
                            sharing.zoneOf());

            assertThat(assignor.assign(again))
                    .as("seed %d", seed)
                    .isEqualTo(assignor.assign(sharing));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STICKY", "ZONE_AWARE"})
    void sharesAreAsEvenAsTheSubscriptionsAllow(AssignmentStrategy assignor) {
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = random(new Random(seed), 4, 7);
            OptimalAssignment best = OptimalAssignment.of(sharing);

            assertThat(squares(sharing, assignor.assign(sharing)))
                    .as("seed %d", seed)
                    .isEqualTo(best.squares);
        }
    }

    @Test
    void stickySharesMoveAsFewAsCanBeAmongMembersThatReadTheSame() {
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = alike(random(new Random(seed), 4, 7));
            OptimalAssignment best = OptimalAssignment.of(sharing);

            assertThat(moves(sharing, AssignmentStrategy.STICKY.assign(sharing)))
                    .as("seed %d", seed)
                    .isEqualTo(best.moves);
        }
    }

    @Test
    void stickySharesSeldomMoveMoreThanNeededWhereSubscriptionsDiffer() {
        int needed = 0;
        int moved = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = random(new Random(seed), 4, 7);
            needed += OptimalAssignment.of(sharing).moves;
            moved += moves(sharing, AssignmentStrategy.STICKY.assign(sharing));
        }
        assertThat(needed).isGreaterThan(SEEDS / 2);
        assertThat(moved).isLessThan(needed + needed / 20);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSharedOutWellAlreadyStays(AssignmentStrategy assignor) {
        for (long seed = 0; seed < SEEDS; seed++) {
            AssignmentSpec sharing = random(new Random(seed), 8, 40);
            Map<PartitionId, String> shares = assignor.assign(sharing);
            AssignmentSpec again =
                    new AssignmentSpec(
                            sharing.members(), sharing.topics(), shares, sharing.zoneOf());

            assertThat(assignor.assign(again)).as("seed %d", seed).isEqualTo(shares);
        }
    }

    @Test
    void joiningMemberMovesOnlyItsOwnPartitions() {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 10_000));
        List<MemberSpec> members = members(99, Set.of(1L));
        Map<PartitionId, String> before =
                AssignmentStrategy.STICKY.assign(
                        new AssignmentSpec(members, topics, Map.of(), key -> ""));
        AssignmentSpec more =
                new AssignmentSpec(members(100, Set.of(1L)), topics, before, key -> "");

        Map<PartitionId, String> after = AssignmentStrategy.STICKY.assign(more);

        assertThat(moves(more, after)).isEqualTo(100);
        assertThat(after.values().stream().filter("m099"::equals)).hasSize(100);
    }

    @Test
    void leavingMemberMovesOnlyItsOwnPartitions() {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 600, 2L, 600));
        Map<PartitionId, String> before =
                AssignmentStrategy.STICKY.assign(
                        new AssignmentSpec(
                                members(12, Set.of(1L, 2L)), topics, Map.of(), key -> ""));
        AssignmentSpec fewer =
                new AssignmentSpec(members(11, Set.of(1L, 2L)), topics, before, key -> "");

        assertThat(moves(fewer, AssignmentStrategy.STICKY.assign(fewer))).isEqualTo(100);
    }

    @Test
    void partitionsAreReadInTheirZoneWhereMembersStayEven() {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 90));
        List<MemberSpec> members = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            members.add(new MemberSpec("m" + i, "m" + i, ZONES.get(1 + i % 3), Set.of(1L)));
        }
        AssignmentSpec sharing =
                new AssignmentSpec(
                        members, topics, Map.of(), key -> ZONES.get(1 + key.partition() / 30));

        Map<PartitionId, String> shares = AssignmentStrategy.ZONE_AWARE.assign(sharing);

        assertThat(strangers(sharing, shares)).isZero();
        assertThat(squares(sharing, shares)).isEqualTo(9 * 100);
    }

    @Test
    void overloadedZoneExportsMinimumOfPartitions() {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 60));
        List<MemberSpec> members = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            members.add(new MemberSpec("m" + i, "m" + i, i < 2 ? "a" : "b", Set.of(1L)));
        }
        AssignmentSpec sharing =
                new AssignmentSpec(
                        members, topics, Map.of(), key -> key.partition() < 45 ? "a" : "b");

        Map<PartitionId, String> shares = AssignmentStrategy.ZONE_AWARE.assign(sharing);

        assertThat(strangers(sharing, shares)).isEqualTo(45 - 20);
        assertThat(squares(sharing, shares)).isEqualTo(6 * 100);
    }

    @Test
    void rangesHoldTheSameNumbersOfEachTopic() {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 7, 2L, 7));

        Map<PartitionId, String> shares =
                AssignmentStrategy.RANGE.assign(
                        new AssignmentSpec(
                                members(3, Set.of(1L, 2L)), topics, Map.of(), key -> ""));

        List<String> expected = List.of("m000", "m000", "m000", "m001", "m001", "m002", "m002");
        for (long topic = 1; topic <= 2; topic++) {
            long id = topic;
            assertThat(IntStream.range(0, 7).mapToObj(i -> shares.get(new PartitionId(id, i))))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandPartitionsAmongAThousandMembersAreSharedOutEvenly(AssignmentStrategy assignor) {
        SortedMap<Long, Integer> topics = new TreeMap<>(Map.of(1L, 10_000));
        Map<PartitionId, String> allOfOne = new HashMap<>();
        partitions(topics).forEach(key -> allOfOne.put(key, "m000"));
        AssignmentSpec sharing =
                new AssignmentSpec(
                        members(1000, Set.of(1L)),
                        topics,
                        allOfOne,
                        key -> ZONES.get(1 + key.partition() % 3));

        Map<PartitionId, String> shares = assignor.assign(sharing);

        assertThat(squares(sharing, shares)).isEqualTo(1000 * 100);
    }

    private static List<MemberSpec> members(int count, Set<Long> topics) {
        return IntStream.range(0, count)
                .mapToObj("m%03d"::formatted)
                .map(id -> new MemberSpec(id, id, ZONES.get(1 + id.hashCode() % 3), topics))
                .toList();
    }

    private static AssignmentSpec random(Random random, int maxMembers, int maxPartitions) {
        SortedMap<Long, Integer> topics = new TreeMap<>();
        int left = 1 + random.nextInt(maxPartitions);
        for (long topic = 1; left > 0; topic++) {
            int count = 1 + random.nextInt(left);
            topics.put(topic, count);
            left -= count;
        }
        List<MemberSpec> members = new ArrayList<>();
        int count = 1 + random.nextInt(maxMembers);
        for (int i = 0; i < count; i++) {
            Set<Long> read = new TreeSet<>();
            topics.keySet().stream().filter(any -> random.nextInt(3) > 0).forEach(read::add);
            members.add(new MemberSpec("m" + i, "m" + i, ZONES.get(random.nextInt(4)), read));
        }
        Map<PartitionId, String> current = new HashMap<>();
        for (PartitionId key : partitions(topics)) {
            if (random.nextInt(4) > 0) {
                // Includes removed members and members that no longer subscribe to the topic.
                current.put(key, "m" + random.nextInt(count + 1));
            }
        }
        int shift = random.nextInt(4);
        return new AssignmentSpec(
                members, topics, current, key -> ZONES.get((key.partition() + shift) % 4));
    }

    private static AssignmentSpec alike(AssignmentSpec sharing) {
        return new AssignmentSpec(
                sharing.members().stream()
                        .map(entry ->
                                new MemberSpec(
                                        entry.id(),
                                        entry.rank(),
                                        entry.zone(),
                                        sharing.topics().keySet()))
                        .toList(),
                sharing.topics(),
                sharing.current(),
                sharing.zoneOf());
    }

    private static List<PartitionId> partitions(SortedMap<Long, Integer> topics) {
        List<PartitionId> keys = new ArrayList<>();
        topics.forEach((topic, count) -> {
            for (int i = 0; i < count; i++) {
                keys.add(new PartitionId(topic, i));
            }
        });
        return keys;
    }

    private static Set<String> readers(AssignmentSpec sharing, PartitionId key) {
        Set<String> readers = new HashSet<>();
        for (MemberSpec member : sharing.members()) {
            if (member.topics().contains(key.topicId())) {
                readers.add(member.id());
            }
        }
        return readers;
    }

    private static int squares(AssignmentSpec sharing, Map<PartitionId, String> shares) {
        Map<String, Integer> loads = new HashMap<>();
        sharing.members().forEach(member -> loads.put(member.id(), 0));
        shares.values().forEach(member -> loads.merge(member, 1, Integer::sum));
        return loads.values().stream().mapToInt(load -> load * load).sum();
    }

    /** Counts partitions that moved although their previous holder could have kept them. */
    private static int moves(AssignmentSpec sharing, Map<PartitionId, String> shares) {
        int moves = 0;
        for (Map.Entry<PartitionId, String> share : shares.entrySet()) {
            String before = sharing.current().get(share.getKey());
            if (before != null
                    && !before.equals(share.getValue())
                    && readers(sharing, share.getKey()).contains(before)) {
                moves++;
            }
        }
        long goneOrLost =
                sharing.current().entrySet().stream()
                        .filter(entry -> shares.containsKey(entry.getKey()))
                        .filter(entry ->
                                !readers(sharing, entry.getKey()).contains(entry.getValue()))
                        .count();
        return moves + (int) goneOrLost;
    }

    private static int strangers(AssignmentSpec sharing, Map<PartitionId, String> shares) {
        Map<String, String> zones = new HashMap<>();
        sharing.members().forEach(member -> zones.put(member.id(), member.zone()));
        return (int)
                shares.entrySet().stream()
                        .filter(entry -> !sharing.zoneOf().apply(entry.getKey()).isEmpty())
                        .filter(entry ->
                                !sharing.zoneOf()
                                        .apply(entry.getKey())
                                        .equals(zones.get(entry.getValue())))
                        .count();
    }

    /** The optimal assignment, found by exhaustive search. */
    private static final class OptimalAssignment {
        private final AssignmentSpec sharing;
        private final List<PartitionId> keys;
        private final Map<PartitionId, String> shares = new HashMap<>();
        int squares = Integer.MAX_VALUE;
        int moves;

        private OptimalAssignment(AssignmentSpec sharing) {
            this.sharing = sharing;
            this.keys = partitions(sharing.topics());
        }

        static OptimalAssignment of(AssignmentSpec sharing) {
            OptimalAssignment best = new OptimalAssignment(sharing);
            best.tryAll(0);
            return best;
        }

        private void tryAll(int at) {
            if (at == keys.size()) {
                int here = AssignmentStrategyTest.squares(sharing, shares);
                int moved = AssignmentStrategyTest.moves(sharing, shares);
                if (here < squares || (here == squares && moved < moves)) {
                    squares = here;
                    moves = moved;
                }
                return;
            }
            Set<String> readers = readers(sharing, keys.get(at));
            for (String reader : readers) {
                shares.put(keys.get(at), reader);
                tryAll(at + 1);
            }
            shares.remove(keys.get(at));
            if (readers.isEmpty()) {
                tryAll(at + 1);
            }
        }
    }
}

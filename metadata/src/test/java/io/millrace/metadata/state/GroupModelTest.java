package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.EntryCodec;
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
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Runs correct and faulty coordinators and members, including late ones, against the guarantees of
 * groups:
 *
 * <ul>
 *   <li>no partition has two holders
 *   <li>an offset is changed only by the holder of its lease and not by an older commit of this
 *       holder, or without a member in an empty group.
 * </ul>
 */
final class GroupModelTest {

    private static final int SEEDS = 150;
    private static final int STEPS = 250;
    private static final int NODES = 3;
    private static final int PARTITIONS = 40;
    private static final String GROUP = "g";

    @Test
    void noPartitionHasTwoHoldersAndOnlyTheHolderMovesItsOffset() {
        int counts = 0;
        int rejections = 0;
        int superseded = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Run run = new Run(seed);
            run.run("seed " + seed);
            counts += run.counted;
            rejections += run.fenced;
            superseded += run.superseded;
        }
        assertThat(counts).as("commits that counted").isGreaterThan(SEEDS * 10);
        assertThat(rejections).as("commits that did not").isGreaterThan(SEEDS * 10);
        assertThat(superseded).as("commits that a later one replaced").isGreaterThan(SEEDS);
    }

    /** The run of one seed. */
    private static final class Run {

        /** A node's possibly outdated view of the group. */
        private static final class Believed {
            long claim;
            int generation;
        }

        /** A member's lease: it may commit until another member holds the partition. */
        private record Grant(String member, int generation) {}

        private final SplittableRandom random;
        private final long[] n = new long[NODES];
        private final long[] incarnations = new long[NODES];
        private final Believed[] believed = new Believed[NODES];
        private final Map<Long, Grant> holders = new HashMap<>();
        private final Map<Long, Long> offsets = new HashMap<>();
        private final Map<Long, Long> numbers = new HashMap<>();
        private final Set<String> members = new HashSet<>();
        private MetadataState state = new MetadataState();
        private MetadataState fromBytes = new MetadataState();
        private long nextIncarnation = 1;
        private long nextMember;
        private int counted;
        private int fenced;
        private int superseded;

        Run(long seed) {
            random = new SplittableRandom(seed);
        }

        private void run(String seed) {
            for (int node = 0; node < NODES; node++) {
                incarnations[node] = nextIncarnation++;
                believed[node] = new Believed();
            }
            apply(0, new Command.TopicCreated("one", PARTITIONS, Map.of()));
            apply(0, new Command.TopicCreated("two", PARTITIONS, Map.of()));
            for (int step = 0; step < STEPS; step++) {
                step();
                if (random.nextInt(20) == 0) {
                    byte[] checkpoint = CheckpointCodec.encode(fromBytes.snapshot());
                    fromBytes = CheckpointCodec.decode(checkpoint, "checkpoint", FeatureLevels.ALL);
                }
                assertThat(fromBytes.digest())
                        .as("%s step %d", seed, step)
                        .isEqualTo(state.digest());
                check(seed + " step " + step);
            }
            assertThat(CheckpointCodec.encode(fromBytes.snapshot()))
                    .as(seed)
                    .isEqualTo(CheckpointCodec.encode(state.snapshot()));
        }

        private void step() {
            int node = random.nextInt(NODES);
            switch (random.nextInt(17)) {
                case 0, 1 -> claim(node);
                case 2 -> apply(node, new Command.GroupReleased(GROUP, believed[node].claim));
                case 3 -> dieAndReturn(node);
                case 4, 5, 6, 7 -> change(node);
                case 8 -> delete(node);
                case 9 -> catchUp(node);
                case 10 -> deleteOrRemove(node);
                default -> commit(node);
            }
        }

        private void claim(int node) {
            long after = state.groups().group(GROUP).map(Group::claimEpoch).orElse(0L);
            Outcome outcome =
                    apply(
                            node,
                            new Command.GroupClaimed(
                                    GROUP,
                                    incarnations[node],
                                    random.nextInt(4) == 0 ? random.nextLong(after + 1) : after));
            if (outcome instanceof Outcome.GroupClaim(long epoch)) {
                believed[node].claim = epoch;
                catchUp(node);
            }
        }

        private void catchUp(int node) {
            believed[node].generation =
                    state.groups().group(GROUP).map(Group::generation).orElse(0);
        }

        private void dieAndReturn(int node) {
            long gone = incarnations[node];
            int other = (node + 1) % NODES;
            apply(other, new Command.IncarnationClosed(gone));
            incarnations[node] = nextIncarnation++;
            n[node] = 0;
        }

        private void change(int node) {
            List<String> left = new ArrayList<>();
            List<GroupMember> joined = new ArrayList<>();
            List<String> after = new ArrayList<>();
            for (String member : members.stream().sorted().toList()) {
                if (random.nextInt(6) == 0) {
                    left.add(member);
                } else {
                    after.add(member);
                    if (random.nextInt(6) == 0) {
                        joined.add(member(member));
                    }
                }
            }
            if (members.size() < 4 && random.nextBoolean()) {
                GroupMember fresh = member("m" + nextMember++);
                joined.add(fresh);
                after.add(fresh.id());
            }
            List<LeaseChange> leases = new ArrayList<>();
            for (int i = random.nextInt(30); i > 0; i--) {
                String to = after.isEmpty() ? "" : after.get(random.nextInt(after.size()));
                leases.add(
                        new LeaseChange(
                                1 + random.nextInt(2),
                                random.nextInt(PARTITIONS),
                                random.nextInt(8) == 0 ? "" : to));
            }
            int generation = believed[node].generation + 1;
            boolean may =
                    state.groups()
                            .group(GROUP)
                            .filter(group ->
                                    group.coordinator().isPresent()
                                            && group.coordinator().getAsLong() == incarnations[node]
                                            && group.claimEpoch() == believed[node].claim
                                            && group.generation() + 1 == generation)
                            .isPresent();
            Outcome outcome =
                    apply(
                            node,
                            new Command.GroupChanged(
                                    GROUP,
                                    believed[node].claim,
                                    generation,
                                    new GroupChange("p", ByteString.EMPTY, left, joined, leases)));
            assertThat(outcome instanceof Outcome.Completed).isEqualTo(may);
            if (may) {
                believed[node].generation = generation;
                members.removeAll(left);
                joined.forEach(member -> members.add(member.id()));
                holders.values().removeIf(grant -> left.contains(grant.member()));
                for (LeaseChange lease : leases) {
                    long key = key(lease.topicId(), lease.partition());
                    if (lease.member().isEmpty()) {
                        holders.remove(key);
                    } else {
                        numbers.remove(key);
                        holders.put(key, new Grant(lease.member(), generation));
                    }
                }
            }
        }

        private static GroupMember member(String id) {
            return new GroupMember(id, "i-" + id, ByteString.copyFromUtf8(id), ByteString.EMPTY);
        }

        private void delete(int node) {
            Outcome outcome =
                    random.nextBoolean()
                            ? apply(node, new Command.GroupDeleted(GROUP))
                            : apply(
                                    node,
                                    new Command.GroupsExpired(random.nextLong(state.entries())));
            if (state.groups().group(GROUP).isEmpty()) {
                assertThat(members).as("%s", outcome).isEmpty();
                offsets.clear();
                holders.clear();
            }
        }

        private void deleteOrRemove(int node) {
            if (random.nextInt(4) == 0) {
                removeMembers(node);
            } else {
                deleteOffsets(node);
            }
        }

        private void deleteOffsets(int node) {
            List<PartitionId> keys = new ArrayList<>();
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                keys.add(
                        new PartitionId(
                                1 + random.nextInt(3),
                                random.nextInt(random.nextBoolean() ? 2 : PARTITIONS + 1)));
            }
            Outcome outcome = apply(node, new Command.OffsetsDeleted(GROUP, keys));
            if (state.groups().group(GROUP).isEmpty()) {
                assertThat(outcome).isInstanceOf(Outcome.CommandRejected.class);
                return;
            }
            for (int i = 0; i < keys.size(); i++) {
                long key = key(keys.get(i).topicId(), keys.get(i).partition());
                boolean leased = holders.containsKey(key);
                assertThat(((Outcome.Rows) outcome).rows().get(i))
                        .isEqualTo(
                                leased
                                        ? new RowOutcome.Rejected(Reason.GROUP_NOT_EMPTY)
                                        : new RowOutcome.Accepted());
                if (!leased) {
                    offsets.remove(key);
                }
            }
        }

        private void removeMembers(int node) {
            String member = someMember();
            boolean known = members.remove(member);
            Outcome outcome = apply(node, new Command.MembersRemoved(GROUP, List.of(member)));
            assertThat(outcome.equals(new Outcome.Rows(List.of(new RowOutcome.Accepted()))))
                    .isEqualTo(known);
            holders.values().removeIf(grant -> known && grant.member().equals(member));
        }

        private void commit(int node) {
            boolean none = random.nextInt(4) == 0;
            String member = none ? "" : someMember();
            int generation =
                    state.groups().group(GROUP).map(Group::generation).orElse(0)
                            - random.nextInt(3);
            long number = random.nextInt(-1, 10);
            List<OffsetCommit> commits = new ArrayList<>();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                commits.add(
                        new OffsetCommit(
                                1 + random.nextInt(3),
                                random.nextInt(random.nextBoolean() ? 2 : PARTITIONS + 1),
                                new CommittedOffset(
                                        random.nextInt(1000),
                                        random.nextInt(-1, 3),
                                        random.nextBoolean() ? "" : "text " + random.nextInt(50))));
            }
            Outcome outcome =
                    apply(
                            node,
                            new Command.OffsetsCommitted(
                                    GROUP,
                                    member,
                                    none ? -1 : generation,
                                    none ? -1 : number,
                                    commits));
            for (int i = 0; i < commits.size(); i++) {
                OffsetCommit commit = commits.get(i);
                long key = key(commit.topicId(), commit.partition());
                @Nullable Grant grant = holders.get(key);
                boolean exists = commit.topicId() < 3 && commit.partition() < PARTITIONS;
                boolean may =
                        exists
                                && (none
                                        ? members.isEmpty()
                                        : grant != null
                                                && grant.member().equals(member)
                                                && grant.generation() <= generation);
                long newest = numbers.getOrDefault(key, -1L);
                boolean isLate =
                        may
                                && !none
                                && (number == 0
                                        ? offsets.containsKey(key)
                                        : newest > 0 && number < newest);
                boolean counts =
                        outcome instanceof Outcome.Rows(List<RowOutcome> rows)
                                && rows.get(i) instanceof RowOutcome.Accepted;
                assertThat(counts)
                        .as("%s of %s: %s", commit, member, outcome)
                        .isEqualTo(may && !isLate);
                if (isLate) {
                    assertThat(((Outcome.Rows) outcome).rows().get(i))
                            .isEqualTo(new RowOutcome.Superseded());
                    superseded++;
                } else if (may) {
                    offsets.put(key, commit.committed().offset());
                    if (!none && number >= 0) {
                        numbers.put(key, number);
                    }
                    counted++;
                } else {
                    fenced++;
                }
            }
        }

        /** Often returns a member with a partition, so that commits meet. */
        private String someMember() {
            @Nullable Grant grant = holders.get(key(1, 0));
            return grant != null && random.nextBoolean()
                    ? grant.member()
                    : "m" + random.nextLong(nextMember + 1);
        }

        private void check(String when) {
            @Nullable Group group = state.groups().group(GROUP).orElse(null);
            for (long topic = 1; topic < 3; topic++) {
                for (int p = 0; p < PARTITIONS; p++) {
                    @Nullable Grant grant = holders.get(key(topic, p));
                    @Nullable Long offset = offsets.get(key(topic, p));
                    if (group == null) {
                        assertThat(grant).as(when).isNull();
                        assertThat(offset).as(when).isNull();
                    } else {
                        assertThat(
                                        group.lease(topic, p)
                                                .map(lease ->
                                                        new Grant(
                                                                lease.member(), lease.generation()))
                                                .orElse(null))
                                .as(when)
                                .isEqualTo(grant);
                        assertThat(
                                        group.committed(topic, p)
                                                .map(CommittedOffset::offset)
                                                .orElse(null))
                                .as(when)
                                .isEqualTo(offset);
                    }
                }
            }
        }

        private static long key(long topic, int partition) {
            return topic << 32 | partition;
        }

        private Outcome apply(int node, Command command) {
            Entry entry = new Entry(incarnations[node], ++n[node], List.of(command));
            ApplyResult applied = state.apply(entry);
            assertThat(fromBytes.apply(EntryCodec.decode(EntryCodec.encode(entry))))
                    .isEqualTo(applied);
            return ((ApplyResult.Outcomes) applied).outcomes().getFirst();
        }
    }
}

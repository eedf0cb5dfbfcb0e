package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.CommitResult;
import io.millrace.group.MemberDetails;
import io.millrace.group.TestMember;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A randomised test of the guarantees of groups: members join, leave, fall silent, resume and
 * release late, while coordinators die, are suspended and hand over.
 */
final class GroupGuaranteesTest {

    private static final int SEEDS = 60;
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int STEPS = 1600;
    private static final Duration QUIET = Duration.ofSeconds(100);

    @Test
    void partitionsHaveOneOwnerAndAreFinallyBalanced() {
        int moves = 0;
        int counted = 0;
        int fenced = 0;
        int coordinators = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            ModelRun run = new ModelRun(seed);
            run.run();
            moves += run.moves;
            counted += run.counted;
            fenced += run.fenced;
            coordinators += run.coordinators;
        }
        assertThat(moves).as("partitions that went from one member to another").isGreaterThan(500);
        assertThat(counted).as("commits that counted").isGreaterThan(500);
        assertThat(fenced).as("commits that did not").isGreaterThan(50);
        assertThat(coordinators).as("changes of the coordinator").isGreaterThan(SEEDS);
    }

    /** The run of one seed. */
    private static final class ModelRun {

        private final long seed;
        private final Random random;
        private final CoordinatorWorld world;
        private final List<TestMember> members = new ArrayList<>();
        private final List<TestMember> silent = new ArrayList<>();
        private final Map<PartitionId, String> holders = new HashMap<>();
        private final Map<PartitionId, Optional<CommittedOffset>> offsets = new HashMap<>();
        private final Map<Long, String> authors = new HashMap<>();
        private final Map<PartitionId, Set<String>> recentHolders = new HashMap<>();
        private long nextOffset = 1;
        private int instances;
        private int generation;
        private long coordinator;
        int moves;
        int counted;
        int fenced;
        int coordinators;

        ModelRun(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.world = new CoordinatorWorld(3, seed + 1);
            world.topic("t1", 1 + random.nextInt(8));
            world.topic("t2", 1 + random.nextInt(4));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(12) == 0) {
                    act();
                }
                world.advance(STEP);
                check("seed %d step %d".formatted(seed, step));
            }
            calmDown();
            for (long left = QUIET.dividedBy(STEP); left > 0; left--) {
                world.advance(STEP);
                check("seed %d quiet".formatted(seed));
            }
            checkEnd();
        }

        private void act() {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> joins();
                case 4 -> any(members).ifPresent(this::leaves);
                case 5, 6 -> any(members).ifPresent(this::suspend);
                case 7 -> any(silent).ifPresent(this::wakesUp);
                case 8 -> any(members).ifPresent(this::isKilledAndJoinsBackAsAnInstance);
                case 9, 10 ->
                        any(members).ifPresent(each -> each.releasesAtOnce = random.nextBoolean());
                case 11, 12, 13 -> any(members).ifPresent(this::releasesLate);
                case 14 -> coordinatorDies();
                case 15 -> coordinatorHandsOver();
                case 16 -> topicsChange();
                case 17 -> logIsSlow();
                default -> commits();
            }
        }

        private Optional<TestMember> any(List<TestMember> of) {
            return of.isEmpty() ? Optional.empty() : Optional.of(of.get(random.nextInt(of.size())));
        }

        private void joins() {
            for (TestMember member : members) {
                if (member.ended != null && !member.ended.retriable()) {
                    member.join(anyNode().coordinator, true);
                    member.keepSendingHeartbeats(CoordinatorWorld.BEAT);
                    return;
                }
            }
            if (members.size() < 7) {
                begin(random.nextInt(3) == 0 ? "i" + instances++ : "");
            }
        }

        private TestMember begin(String instance) {
            MemberDetails details =
                    new MemberDetails(
                            random.nextInt(4) == 0
                                    ? TopicSubscription.to(List.of("t1"))
                                    : new TopicSubscription(Set.of(), "t.*"),
                            AssignmentStrategy.STICKY,
                            Duration.ofMillis(4000 + random.nextInt(6000)),
                            Duration.ofMillis(1000 + random.nextInt(8000)),
                            "",
                            "",
                            "");
            TestMember member = world.startJoin(instance, details);
            members.add(member);
            return member;
        }

        private void leaves(TestMember member) {
            members.remove(member);
            member.leave();
            world.stopDriving(member);
        }

        /**
         * Suspends the member like a stopped process: it keeps its partitions until its session
         * expires.
         */
        private void suspend(TestMember member) {
            members.remove(member);
            silent.add(member);
            world.following.remove(member);
            if (random.nextBoolean()) {
                member.vanish();
            } else {
                member.cut();
            }
        }

        private void wakesUp(TestMember member) {
            silent.remove(member);
            members.add(member);
            world.following.add(member);
            member.join(anyNode().coordinator, random.nextBoolean());
            member.keepSendingHeartbeats(CoordinatorWorld.BEAT);
        }

        private void isKilledAndJoinsBackAsAnInstance(TestMember member) {
            if (!member.instanceId.isEmpty()) {
                members.remove(member);
                world.stopDriving(member);
                member.owned.clear();
                begin(member.instanceId);
            }
        }

        private void releasesLate(TestMember member) {
            if (!member.revoked.isEmpty()) {
                int count = 1 + random.nextInt(member.revoked.size());
                member.release(member.revoked.stream().limit(count).toList());
            }
        }

        private CoordinatorWorld.Node anyNode() {
            return world.nodes.get(random.nextInt(world.nodes.size()));
        }

        private Optional<CoordinatorWorld.Node> coordinator() {
            return world.first()
                    .metadata
                    .metadata()
                    .groups()
                    .group("g")
                    .filter(group -> group.coordinator().isPresent())
                    .flatMap(group ->
                            world.nodes.stream()
                                    .filter(node ->
                                            node.metadata.metadata().incarnation()
                                                    == group.coordinator().getAsLong())
                                    .findFirst());
        }

        private void coordinatorDies() {
            coordinator()
                    .ifPresent(node -> {
                        node.metadata.log().setAppendDuration(Duration.ZERO);
                        world.add();
                        if (random.nextBoolean()) {
                            // Its members are still connected, and the node does not know that it
                            // is fenced.
                            world.nodes.remove(node);
                            long late = random.nextLong(CoordinatorWorld.LIFE.toMillis());
                            world.loop.schedule(Duration.ofMillis(late), node::fence);
                            node.close();
                        } else {
                            node.fence();
                            world.loop.schedule(
                                    Duration.ofMillis(random.nextInt(3000)), node::close);
                        }
                    });
        }

        private void coordinatorHandsOver() {
            coordinator()
                    .ifPresent(node -> {
                        world.add();
                        world.nodes.remove(node);
                        node.coordinator.close();
                    });
        }

        private void topicsChange() {
            CoordinatorWorld.Node node = anyNode();
            List<Topic> topics = List.copyOf(node.metadata.metadata().topics().all());
            if (topics.size() < 2) {
                node.metadata
                        .metadata()
                        .propose(
                                new Command.TopicCreated("t1", 1 + random.nextInt(6), Map.of()),
                                Priority.BACKGROUND);
                return;
            }
            Topic topic = topics.get(random.nextInt(topics.size()));
            Command command =
                    switch (random.nextInt(4)) {
                        case 0 -> new Command.TopicDeleted(topic.id());
                        case 1 ->
                                new Command.PartitionsAdded(
                                        topic.id(), topic.partitionCount() + 1 + random.nextInt(2));
                        default ->
                                new Command.TopicCreated(
                                        "t" + random.nextInt(5), 1 + random.nextInt(5), Map.of());
                    };
            node.metadata.metadata().propose(command, Priority.BACKGROUND);
        }

        private void logIsSlow() {
            CoordinatorWorld.Node node = anyNode();
            node.metadata.log().setAppendDuration(Duration.ofMillis(random.nextInt(2500)));
            world.loop.schedule(
                    Duration.ofMillis(random.nextInt(6000)),
                    () -> node.metadata.log().setAppendDuration(Duration.ZERO));
        }

        private void commits() {
            Optional<TestMember> by = any(members);
            Optional<TestMember> of = random.nextInt(4) == 0 ? any(members) : by;
            if (by.isEmpty() || of.isEmpty() || of.get().owned.isEmpty()) {
                return;
            }
            List<PartitionId> keys = List.copyOf(of.get().owned.keySet());
            PartitionId key = keys.get(random.nextInt(keys.size()));
            long offset = nextOffset++;
            authors.put(offset, by.get().id);
            by.get()
                    .commit(key, offset)
                    .thenAccept(result -> {
                        if (result instanceof CommitResult.Judged(var rows)
                                && rows.getFirst() instanceof RowOutcome.Accepted) {
                            counted++;
                        } else {
                            fenced++;
                        }
                    });
        }

        private void calmDown() {
            world.nodes.forEach(node -> node.metadata.log().setAppendDuration(Duration.ZERO));
            for (TestMember member : List.copyOf(silent)) {
                if (random.nextBoolean()) {
                    wakesUp(member);
                }
            }
            begin("");
            for (TestMember member : members) {
                member.releasesAtOnce = true;
                member.release(member.revoked);
            }
        }

        private void check(String when) {
            Map<PartitionId, TestMember> rights = new HashMap<>();
            List<TestMember> all = new ArrayList<>(members);
            all.addAll(silent);
            for (TestMember member : all) {
                for (PartitionId key : member.owned.keySet()) {
                    if (member.hasRightTo(key)) {
                        TestMember other = rights.put(key, member);
                        assertThat(other)
                                .as("%s: who besides %s works on %s", when, member.id, key)
                                .isNull();
                    }
                }
            }
            // The node with the most applied entries has the authoritative state.
            Group group = null;
            for (CoordinatorWorld.Node node : world.nodes) {
                Group here = node.metadata.metadata().groups().group("g").orElse(null);
                if (here != null && (group == null || here.generation() > group.generation())) {
                    group = here;
                }
            }
            if (group != null) {
                check(when, group);
            }
        }

        private void check(String when, Group group) {
            assertThat(group.generation()).as(when).isGreaterThanOrEqualTo(generation);
            generation = group.generation();
            if (group.coordinator().isPresent() && group.coordinator().getAsLong() != coordinator) {
                coordinator = group.coordinator().getAsLong();
                coordinators++;
            }
            for (long topicId : group.topics()) {
                for (int partition : group.partitions(topicId)) {
                    PartitionId key = new PartitionId(topicId, partition);
                    String holder = group.lease(topicId, partition).map(Lease::member).orElse("");
                    String before = holder.isEmpty() ? null : holders.put(key, holder);
                    if (before != null && !before.equals(holder)) {
                        moves++;
                    }
                    recentHolders.computeIfAbsent(key, any -> new HashSet<>()).add(holder);
                    Optional<CommittedOffset> now = group.committed(topicId, partition);
                    Optional<CommittedOffset> last = offsets.getOrDefault(key, Optional.empty());
                    if (now.isPresent() && !now.equals(last)) {
                        offsets.put(key, now);
                        assertThat(recentHolders.get(key))
                                .as("%s: who had %s when its offset changed", when, key)
                                .contains(authors.get(now.get().offset()));
                    }
                }
            }
        }

        private void checkEnd() {
            String when = "seed %d in the end".formatted(seed);
            Group group = world.group();
            Map<String, Topic> topics = new HashMap<>();
            world.first()
                    .metadata
                    .metadata()
                    .topics()
                    .all()
                    .forEach(each -> topics.put(each.name(), each));
            Set<PartitionId> read = new TreeSet<>();
            boolean allAlike = true;
            for (TestMember member : members) {
                Set<String> wanted = member.details.subscription().topics();
                allAlike &= wanted.isEmpty();
                for (Topic topic : topics.values()) {
                    if (wanted.isEmpty() || wanted.contains(topic.name())) {
                        read.addAll(CoordinatorWorld.partitions(topic));
                    }
                }
            }
            List<TestMember> there =
                    members.stream().filter(member -> member.session != null).toList();
            assertThat(there).as(when).isNotEmpty();
            List<PartitionId> owned = new ArrayList<>();
            for (TestMember member : there) {
                owned.addAll(member.owned.keySet());
                for (PartitionId key : member.owned.keySet()) {
                    assertThat(member.hasRightTo(key)).as(when).isTrue();
                    assertThat(group.lease(key.topicId(), key.partition()).map(Lease::member))
                            .as(when)
                            .contains(member.id);
                }
            }
            if (there.size() == members.size()) {
                assertThat(owned).as(when).containsExactlyInAnyOrderElementsOf(read);
                if (allAlike) {
                    int min = read.size() / there.size();
                    assertThat(there)
                            .as(when)
                            .allSatisfy(
                                    each -> assertThat(each.owned.size()).isBetween(min, min + 1));
                }
            }
        }
    }
}

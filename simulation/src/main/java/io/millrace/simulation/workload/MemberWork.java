package io.millrace.simulation.workload;

import io.millrace.fetch.BatchRun;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.group.CommitResult;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.invariant.SentCommit;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The work of a {@link SimulatedMember}: reads records, counts them as processed, and commits the
 * reached positions or lower offsets.
 */
final class MemberWork {

    private static final int OFTEN = 4;
    private static final int RARELY = 15;
    private static final int MAX_COMMIT_DELAY_MILLIS = 20_000;
    private static final int SOON_MILLIS = 300;

    private record Read(int node, Map<PartitionName, PartitionId> keys, FetchResult result) {}

    private final SimulatedCluster cluster;
    private final SimulatedGroupMember member;
    private final SimulatedMember memberProcess;
    private final SplittableRandom random;
    private final GroupCheck check;
    private final Duration commitTimeout;
    private final Map<PartitionId, Long> positions = new TreeMap<>();

    /** The positions in partitions that were lost or released. */
    private final TreeMap<PartitionId, Long> formerPositions = new TreeMap<>();

    /** The generation in which each partition was assigned last. */
    private final Map<PartitionId, Integer> reported = new TreeMap<>();

    private final boolean delaysCommits;

    /** Commits held back until the process is assigned the partition under a later lease. */
    private final Map<PartitionId, SentCommit> heldCommits = new TreeMap<>();

    private final Set<Long> unanswered = new TreeSet<>();
    private long commits;
    private int reads;

    MemberWork(
            SimulatedCluster cluster,
            SimulatedGroupMember member,
            SimulatedMember life,
            SplittableRandom random,
            GroupCheck check) {
        this.cluster = cluster;
        this.member = member;
        this.memberProcess = life;
        this.random = random;
        this.check = check;
        this.delaysCommits = random.nextInt(OFTEN) == 0;
        this.commitTimeout =
                FaultState.between(random, 100, random.nextInt(OFTEN) > 0 ? 1500 : 30_000);
    }

    Set<PartitionId> partitions() {
        return positions.keySet();
    }

    boolean has(PartitionId key) {
        return positions.containsKey(key);
    }

    /**
     * @param on the connection of the assignment; null if closed meanwhile
     */
    void start(
            @Nullable SimulatedMemberConnection on, PartitionId key, long offset, int generation) {
        formerPositions.remove(key);
        positions.put(key, offset);
        reported.put(key, generation);
        SentCommit late = heldCommits.remove(key);
        if (late != null && on != null) {
            delayCommit(on, late, SOON_MILLIS);
        }
    }

    int reported(PartitionId key) {
        return reported.getOrDefault(key, 0);
    }

    void lose(PartitionId key) {
        Long position = positions.remove(key);
        if (position != null) {
            formerPositions.put(key, position);
            holdCommitBack(key, position);
        }
    }

    void loseAllPartitions() {
        List.copyOf(positions.keySet()).forEach(this::lose);
    }

    private void holdCommitBack(PartitionId key, long position) {
        if (delaysCommits && !memberProcess.id().isEmpty()) {
            heldCommits.put(
                    key, check.sentUnderFormerLease(key, position, memberProcess, ++commits));
        }
    }

    /** Commits the position of one partition and reads from all. */
    void step(SimulatedMemberConnection on, List<PartitionId> mine) {
        if (!formerPositions.isEmpty()
                && !memberProcess.id().isEmpty()
                && random.nextInt(OFTEN) == 0) {
            // The process behaves as if the partition were still assigned. The holder must not be
            // affected.
            var former = formerPositions.firstEntry();
            commit(
                    on,
                    check.sentAfterLoss(
                            former.getKey(), former.getValue(), memberProcess, ++commits),
                    -1);
        }
        if (!mine.isEmpty()) {
            commit(on, mine.get(random.nextInt(mine.size())));
            read(on);
        }
    }

    private void commit(SimulatedMemberConnection on, PartitionId key) {
        long offset = positions.getOrDefault(key, 0L);
        if (random.nextInt(RARELY) == 0) {
            offset = Math.max(0, offset - random.nextInt(SimulatedBatches.MAX_RECORDS));
            if (random.nextBoolean()) {
                positions.put(key, offset);
            }
        }
        SentCommit commit = check.sent(key, offset, memberProcess, ++commits);
        if (delaysCommits && random.nextInt(RARELY) == 0) {
            // The node is cut off; the commit arrives when the fault ends.
            await(on, commit.number());
            delayCommit(on, commit, MAX_COMMIT_DELAY_MILLIS);
        } else {
            commit(on, commit, -1);
        }
    }

    private void delayCommit(SimulatedMemberConnection on, SentCommit commit, int maxMillis) {
        on.delayCommit(
                FaultState.between(random, 0, maxMillis),
                new Command.OffsetsCommitted(
                        memberProcess.group(),
                        commit.member(),
                        commit.reported(),
                        commit.number(),
                        List.of(offsetCommit(commit))));
    }

    void commitStart(SimulatedMemberConnection on, PartitionId key) {
        long offset = positions.getOrDefault(key, 0L);
        if (random.nextBoolean()) {
            commit(
                    on,
                    check.sentAfterLoss(key, offset, memberProcess, SentCommit.OF_THE_START),
                    -1);
        } else {
            SentCommit start =
                    check.sentUnderFormerLease(key, offset, memberProcess, SentCommit.OF_THE_START);
            delayCommit(on, start, MAX_COMMIT_DELAY_MILLIS);
        }
    }

    void close(SimulatedMemberConnection on, PartitionId key) {
        SentCommit commit =
                check.sent(key, positions.getOrDefault(key, 0L), memberProcess, ++commits);
        if (memberProcess.hasJoined()) {
            check.closes(commit);
        }
        commit(on, commit, check.assignments(key));
    }

    private void await(SimulatedMemberConnection on, long number) {
        unanswered.add(number);
        memberProcess.loop.schedule(
                commitTimeout,
                () -> {
                    // The node may be cut off while the commit is in flight.
                    if (unanswered.contains(number)) {
                        memberProcess.abort(on);
                    }
                });
    }

    private static OffsetCommit offsetCommit(SentCommit commit) {
        return new OffsetCommit(
                commit.key().topicId(),
                commit.key().partition(),
                new CommittedOffset(commit.offset(), -1, commit.text()));
    }

    /**
     * @param closes the number of the partition's assignments if this is the final commit; else -1
     */
    private void commit(SimulatedMemberConnection on, SentCommit commit, int closes) {
        await(on, commit.number());
        on.commit(
                commit.number(),
                offsetCommit(commit),
                result -> {
                    unanswered.remove(commit.number());
                    memberProcess.received(on);
                    if (closes >= 0 && memberProcess.isValidMemberOver(on, commit.member())) {
                        check.closeAnswered(commit, result);
                    }
                    if (result instanceof CommitResult.Judged(var rows)) {
                        check.answered(commit, rows.getFirst(), closes);
                    }
                });
    }

    private void read(SimulatedMemberConnection on) {
        Map<PartitionId, Long> from = new TreeMap<>(positions);
        from.keySet().retainAll(memberProcess.processablePartitions());
        int bytes = random.nextInt(1, 6000);
        int own = ++reads;
        on.request(
                node -> fetch(node, from, bytes),
                read -> {
                    if (own == reads && answered(read, from) && random.nextInt(RARELY) > 0) {
                        read(on);
                    }
                });
    }

    private static CompletableFuture<Read> fetch(
            NodeProcess node, Map<PartitionId, Long> from, int bytes) {
        FetchNode fetch = node.fetch();
        MetadataReplica replica = node.replica();
        if (fetch == null || replica == null) {
            return new CompletableFuture<>();
        }
        Map<PartitionName, PartitionId> keys = new HashMap<>();
        List<PartitionQuery> queries = new ArrayList<>();
        from.forEach((key, offset) ->
                replica.topics()
                        .withId(key.topicId())
                        .ifPresent(topic -> {
                            keys.put(new PartitionName(topic.name(), key.partition()), key);
                            queries.add(
                                    new PartitionQuery(
                                            topic.name(), key.partition(), offset, bytes));
                        }));
        return fetch.fetch(new FetchQuery(queries, Duration.ZERO, 0, 0))
                .thenApply(result -> new Read(node.node, keys, result));
    }

    /** Checks a response and returns whether any position advanced. */
    private boolean answered(Read read, Map<PartitionId, Long> from) {
        check.checkExclusive(member);
        boolean further = false;
        for (PartitionResult result : read.result().partitions()) {
            PartitionName place = new PartitionName(result.topic(), result.partition());
            PartitionId key = read.keys().get(place);
            if (key == null || !memberProcess.mayProcess(key)) {
                continue;
            }
            Long position = positions.get(key);
            if (position == null || !position.equals(from.get(key))) {
                continue;
            }
            switch (result) {
                case PartitionResult.Fetched fetched -> process(key, place, fetched.batches());
                case PartitionResult.Failed failed ->
                        failed(read.node(), key, place, position, failed.problem());
            }
            further |= !position.equals(positions.get(key));
        }
        return further;
    }

    private void process(PartitionId key, PartitionName place, BatchRun batches) {
        // A kill or a revocation can interrupt a batch.
        long max =
                positions.getOrDefault(key, 0L)
                        + (random.nextInt(OFTEN) > 0 ? Integer.MAX_VALUE : random.nextInt(1, 30));
        SimulatedBatches.read(
                batches.toByteArray(),
                (offset, value) -> {
                    long next = positions.getOrDefault(key, 0L);
                    // The first batch may start before the requested offset.
                    if (offset < 0 || (offset >= next && offset < max)) {
                        cluster.records.read(member.number(), place, next, offset, value);
                        check.processed(member, key, next);
                        positions.put(key, next + 1);
                    }
                });
    }

    private void failed(
            int node, PartitionId key, PartitionName place, long position, Problem problem) {
        check.note(problem.reason().name(), member.number(), key, position);
        cluster.violations.check(
                !TailingReader.FORBIDDEN.contains(problem.reason())
                        || cluster.damage.explains(node, problem),
                "member %s at offset %d of %s received the error: %s",
                member,
                position,
                place,
                problem.message());
        if (problem.reason() == Reason.OFFSET_OUT_OF_RANGE) {
            long start = TailingReader.logStart(problem);
            cluster.records.outOfRange(member.number(), place, position, start);
            check.deleted(key, position, start);
            positions.put(key, start);
        }
    }
}

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
import io.millrace.simulation.invariant.RecordCheck.Place;
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
    private static final int LONGEST_STRAND_MILLIS = 20_000;
    private static final int SOON_MILLIS = 300;

    /** The response of a node, and the partition ids by topic and number. */
    private record Read(int node, Map<Place, PartitionId> keys, FetchResult result) {}

    private final SimulatedCluster cluster;
    private final SimulatedGroupMember member;
    private final SimulatedMember life;
    private final SplittableRandom random;
    private final GroupCheck check;
    private final Duration commitPatience;
    private final Map<PartitionId, Long> positions = new TreeMap<>();

    /** The positions in partitions that were lost or released. */
    private final TreeMap<PartitionId, Long> former = new TreeMap<>();

    /** The group's generation in which each partition was assigned last. */
    private final Map<PartitionId, Integer> reported = new TreeMap<>();

    private final boolean strands;

    /**
     * Commits held back at cut-off nodes until the process is assigned the partition under a later
     * lease.
     */
    private final Map<PartitionId, SentCommit> kept = new TreeMap<>();

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
        this.life = life;
        this.random = random;
        this.check = check;
        this.strands = random.nextInt(OFTEN) == 0;
        this.commitPatience =
                FaultState.between(random, 100, random.nextInt(OFTEN) > 0 ? 1500 : 30_000);
    }

    Set<PartitionId> partitions() {
        return positions.keySet();
    }

    boolean has(PartitionId key) {
        return positions.containsKey(key);
    }

    /**
     * Starts with an assigned partition.
     *
     * @param on the connection of the assignment; null if closed meanwhile
     * @param generation the generation of the group
     */
    void begin(
            @Nullable SimulatedMemberConnection on, PartitionId key, long offset, int generation) {
        former.remove(key);
        positions.put(key, offset);
        reported.put(key, generation);
        SentCommit late = kept.remove(key);
        if (late != null && on != null) {
            strand(on, late, SOON_MILLIS);
        }
    }

    /** Returns the generation in which the process was assigned the partition last. */
    int reported(PartitionId key) {
        return reported.getOrDefault(key, 0);
    }

    void lose(PartitionId key) {
        Long position = positions.remove(key);
        if (position != null) {
            former.put(key, position);
            keepOneBack(key, position);
        }
    }

    void loseAll() {
        List.copyOf(positions.keySet()).forEach(this::lose);
    }

    /** Sends a commit through a node that is cut off, without waiting for the result. */
    private void keepOneBack(PartitionId key, long position) {
        if (strands && !life.id().isEmpty()) {
            kept.put(key, check.sentUnder(key, position, life, ++commits));
        }
    }

    /**
     * Commits the position of one partition and reads from all.
     *
     * @param mine the partitions that the member may process
     */
    void turn(SimulatedMemberConnection on, List<PartitionId> mine) {
        if (!former.isEmpty() && !life.id().isEmpty() && random.nextInt(OFTEN) == 0) {
            // The process behaves as if the partition were still assigned. The holder must not be
            // affected.
            var one = former.firstEntry();
            commit(on, check.sentLate(one.getKey(), one.getValue(), life, ++commits), -1);
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
        SentCommit commit = check.sent(key, offset, life, ++commits);
        if (strands && random.nextInt(RARELY) == 0) {
            // The node is cut off; the commit arrives when the fault ends.
            await(on, commit.number());
            strand(on, commit, LONGEST_STRAND_MILLIS);
        } else {
            commit(on, commit, -1);
        }
    }

    private void strand(SimulatedMemberConnection on, SentCommit commit, int maxMillis) {
        on.strand(
                FaultState.between(random, 0, maxMillis),
                new Command.OffsetsCommitted(
                        life.group(),
                        commit.member(),
                        commit.reported(),
                        commit.number(),
                        List.of(offsetCommit(commit))));
    }

    /** Commits the start position of a partition without a committed offset. */
    void commitStart(SimulatedMemberConnection on, PartitionId key) {
        long offset = positions.getOrDefault(key, 0L);
        if (random.nextBoolean()) {
            commit(on, check.sentLate(key, offset, life, SentCommit.OF_THE_START), -1);
        } else {
            SentCommit start = check.sentUnder(key, offset, life, SentCommit.OF_THE_START);
            strand(on, start, LONGEST_STRAND_MILLIS);
        }
    }

    /** Commits the final position of a partition. */
    void close(SimulatedMemberConnection on, PartitionId key) {
        SentCommit commit = check.sent(key, positions.getOrDefault(key, 0L), life, ++commits);
        if (life.isIn()) {
            check.closes(commit);
        }
        commit(on, commit, check.assignments(key));
    }

    private void await(SimulatedMemberConnection on, long number) {
        unanswered.add(number);
        life.loop.schedule(
                commitPatience,
                () -> {
                    // The node may be cut off while the commit is in flight.
                    if (unanswered.contains(number)) {
                        life.abort(on);
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
                    life.received(on);
                    if (closes >= 0 && life.isAt(on, commit.member())) {
                        check.closed(commit, result);
                    }
                    if (result instanceof CommitResult.Judged(var rows)) {
                        check.answered(commit, rows.getFirst(), closes);
                    }
                });
    }

    /** Reads until there are no more records or a random stop. */
    private void read(SimulatedMemberConnection on) {
        Map<PartitionId, Long> from = new TreeMap<>(positions);
        from.keySet().retainAll(life.works());
        int bytes = random.nextInt(1, 6000);
        int own = ++reads;
        on.ask(
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
        Map<Place, PartitionId> keys = new HashMap<>();
        List<PartitionQuery> queries = new ArrayList<>();
        from.forEach((key, offset) ->
                replica.topics()
                        .withId(key.topicId())
                        .ifPresent(topic -> {
                            keys.put(new Place(topic.name(), key.partition()), key);
                            queries.add(
                                    new PartitionQuery(
                                            topic.name(), key.partition(), offset, bytes));
                        }));
        return fetch.fetch(new FetchQuery(queries, Duration.ZERO, 0, 0))
                .thenApply(result -> new Read(node.node, keys, result));
    }

    /** Checks a response and returns whether any position advanced. */
    private boolean answered(Read read, Map<PartitionId, Long> from) {
        check.exclusive(member);
        boolean further = false;
        for (PartitionResult one : read.result().partitions()) {
            Place place = new Place(one.topic(), one.partition());
            PartitionId key = read.keys().get(place);
            if (key == null || !life.mayWorkOn(key)) {
                continue;
            }
            Long position = positions.get(key);
            if (position == null || !position.equals(from.get(key))) {
                continue;
            }
            switch (one) {
                case PartitionResult.Fetched fetched -> process(key, place, fetched.batches());
                case PartitionResult.Failed failed ->
                        failed(read.node(), key, place, position, failed.problem());
            }
            further |= !position.equals(positions.get(key));
        }
        return further;
    }

    private void process(PartitionId key, Place place, BatchRun batches) {
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

    private void failed(int node, PartitionId key, Place place, long position, Problem problem) {
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
            cluster.records.gone(member.number(), place, position, start);
            check.gone(key, position, start);
            positions.put(key, start);
        }
    }
}

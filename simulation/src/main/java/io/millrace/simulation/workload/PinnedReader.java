package io.millrace.simulation.workload;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.KeyedReading;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Reads all records of a partition on a single node, again and again. While the node's view is
 * younger than the grace period, no error may require a query of the log.
 */
final class PinnedReader {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private record View(long logStart, long end, long atNanos, Duration age) {}

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private final PartitionName place;
    private final SplittableRandom random;
    private long next = -1;
    private int attempt;
    private boolean stopped;
    private @Nullable KeyedReading keyed;

    PinnedReader(
            SimulatedCluster cluster,
            SimulatedNode node,
            PartitionName place,
            SplittableRandom random) {
        this.cluster = cluster;
        this.node = node;
        this.place = place;
        this.random = random;
    }

    void start() {
        if (stopped) {
            return;
        }
        int own = ++attempt;
        NodeProcess process = node.serving();
        FetchNode fetch = process == null ? null : process.fetch();
        MetadataReplica replica = process == null ? null : process.replica();
        if (process == null || fetch == null || replica == null) {
            retry(own, 200);
            return;
        }
        process.loop.execute(() -> sendFetch(own, fetch, replica));
        cluster.world.schedule(PATIENCE, () -> retry(own, 1));
    }

    private void retry(int own, int minMillis) {
        if (own == attempt) {
            attempt++;
            cluster.world.schedule(
                    FaultState.between(random, minMillis, minMillis + 100), this::start);
        }
    }

    private void sendFetch(int own, FetchNode fetch, MetadataReplica replica) {
        Optional<PartitionLog> log = log(replica);
        if (own != attempt || log.isEmpty()) {
            retry(own, 200);
            return;
        }
        View view =
                new View(
                        log.get().logStartOffset(),
                        log.get().highWatermark(),
                        cluster.world.nanoTime(),
                        cluster.grace.viewAge(replica.objects().appliedEntries()));
        if (next < view.logStart() || next >= view.end()) {
            beginAt(view.logStart());
        }
        FetchQuery query =
                new FetchQuery(
                        List.of(
                                new PartitionQuery(
                                        place.topic(),
                                        place.partition(),
                                        next,
                                        100 + random.nextInt(2000))),
                        Duration.ZERO,
                        1,
                        0);
        fetch.fetch(query)
                .whenComplete((result, failure) -> answered(own, replica, view, result, failure));
    }

    private Optional<PartitionLog> log(MetadataReplica replica) {
        return replica.topics()
                .named(place.topic())
                .flatMap(topic -> replica.view().partition(topic.id(), place.partition()));
    }

    private void beginAt(long offset) {
        next = offset;
        if (place.isKeyed()) {
            keyed = cluster.keyCompaction.reading(place);
            keyed.continueAt(offset);
        }
    }

    private void answered(
            int own,
            MetadataReplica replica,
            View view,
            @Nullable FetchResult result,
            @Nullable Throwable failure) {
        // After the stop, a restore may have removed the partition.
        if (own != attempt || stopped) {
            return;
        }
        if (result == null) {
            cluster.trace.remark(cluster.world.nanoTime(), "a pinned reader failed: " + failure);
        } else {
            switch (result.partitions().getFirst()) {
                case PartitionResult.Fetched fetched -> read(fetched.batches().toByteArray());
                case PartitionResult.Failed broken -> failed(replica, view, broken.problem());
            }
        }
        retry(own, next < view.end() ? 1 : 500);
    }

    private void read(byte[] answer) {
        KeyedReading reading = keyed;
        if (reading != null) {
            next = reading.read(node.number(), next, answer);
            return;
        }
        SimulatedBatches.read(
                answer,
                (offset, value) -> {
                    if (offset >= next) {
                        cluster.records.read(node.number(), place, next, offset, value);
                        next++;
                    }
                });
    }

    private void failed(MetadataReplica replica, View view, Problem problem) {
        Reason reason = problem.reason();
        cluster.trace.note(
                cluster.world.nanoTime(), reason.name(), node.number(), next, view.atNanos());
        if (cluster.isDeleted(place, reason)) {
            stop();
            return;
        }
        Duration now = view.age().plus(Duration.ofNanos(cluster.world.nanoTime() - view.atNanos()));
        cluster.violations.check(
                !TailingReader.FORBIDDEN.contains(reason)
                        || cluster.damage.explains(node.number(), problem),
                "a reader at offset %d of %s on node %d received the error: %s",
                next,
                place,
                node.number(),
                problem.message());
        cluster.violations.check(
                reason != Reason.METADATA_UNAVAILABLE
                        || now.compareTo(cluster.grace.minGracePeriod()) >= 0
                        // The node learned of the deletion during the read.
                        || log(replica).filter(log -> log.logStartOffset() <= next).isEmpty()
                        || cluster.damage.isVisibleTo(node.number()),
                "a reader at offset %d of %s on node %d, whose view is %d ms old, received the"
                        + " error: %s",
                next,
                place,
                node.number(),
                now.toMillis(),
                problem.message());
        if (reason == Reason.OFFSET_OUT_OF_RANGE) {
            long start = TailingReader.logStart(problem);
            cluster.records.outOfRange(node.number(), place, next, start);
            beginAt(start);
        }
    }

    void stop() {
        stopped = true;
    }
}

package io.millrace.simulation.workload;

import io.millrace.fetch.BatchRun;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.simulation.invariant.KeyedReading;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Reads a partition from the first record on, from one node after another. Only records deleted
 * ahead of the read position may be skipped.
 */
final class TailingReader {

    private static final Duration PATIENCE = Duration.ofSeconds(6);

    /** Reasons for which a consumer would reset the offset or stop, although no data is lost. */
    static final Set<Reason> FORBIDDEN =
            Set.of(
                    Reason.UNKNOWN_TOPIC,
                    Reason.UNKNOWN_PARTITION,
                    Reason.CORRUPT_DATA,
                    Reason.MALFORMED_REQUEST,
                    Reason.INTERNAL_ERROR);

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final SplittableRandom random;
    private Network.@Nullable Link link;
    private long next;
    private int attempt;
    private boolean stopped;
    private final @Nullable KeyedReading keyed;

    TailingReader(SimulatedCluster cluster, PartitionName place, SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.random = random;
        keyed = place.isKeyed() ? cluster.keyCompaction.reading(place) : null;
    }

    void start() {
        if (stopped) {
            return;
        }
        int own = ++attempt;
        if (link == null || random.nextInt(8) == 0) {
            NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.FETCH, random);
            link = node == null ? null : cluster.network.connect(node);
        }
        Network.Link via = link;
        FetchNode fetch = via == null ? null : via.process.fetch();
        if (via == null || fetch == null) {
            cluster.world.schedule(Duration.ofMillis(100), this::start);
            return;
        }
        FetchQuery query =
                new FetchQuery(
                        List.of(
                                new PartitionQuery(
                                        place.topic(),
                                        place.partition(),
                                        next,
                                        random.nextInt(3) * 300)),
                        FaultState.between(random, 0, 2000),
                        1 + random.nextInt(200),
                        0);
        via.send(() ->
                fetch.fetch(query)
                        .whenComplete((result, failure) ->
                                via.reply(() -> answered(own, via.process.node, result, failure))));
        cluster.world.schedule(PATIENCE, () -> retry(own, true));
    }

    private void retry(int own, boolean elsewhere) {
        if (own == attempt) {
            attempt++;
            link = elsewhere ? null : link;
            cluster.world.schedule(FaultState.between(random, 0, 200), this::start);
        }
    }

    private void answered(
            int own, int node, @Nullable FetchResult result, @Nullable Throwable failure) {
        // After the stop, a restore may have removed the partition.
        if (own != attempt || stopped) {
            return;
        }
        if (result == null) {
            failed(own, node, problem(failure));
            return;
        }
        switch (result.partitions().getFirst()) {
            case PartitionResult.Fetched fetched -> {
                read(node, fetched.batches());
                retry(own, false);
            }
            case PartitionResult.Failed broken -> failed(own, node, broken.problem());
        }
    }

    private void read(int node, BatchRun batches) {
        if (keyed != null) {
            next = keyed.read(node, next, batches.toByteArray());
            return;
        }
        SimulatedBatches.read(
                batches.toByteArray(),
                (offset, value) -> {
                    // The first batch may start before the requested offset.
                    if (offset >= next || offset < 0) {
                        cluster.records.read(node, place, next, offset, value);
                        next++;
                    }
                });
    }

    private static Problem problem(@Nullable Throwable failure) {
        @Nullable Throwable cause = failure == null ? null : FutureFailures.unwrap(failure);
        return cause instanceof ProblemException known
                ? known.problem()
                : new Problem(Reason.INTERNAL_ERROR, String.valueOf(cause));
    }

    private void failed(int own, int node, Problem problem) {
        cluster.trace.note(
                cluster.world.nanoTime(), problem.reason().name(), place.partition(), next, own);
        if (cluster.isDeleted(place, problem.reason())) {
            stop();
            return;
        }
        cluster.violations.check(
                !FORBIDDEN.contains(problem.reason()) || cluster.damage.explains(node, problem),
                "a reader at offset %d of %s received the error: %s",
                next,
                place,
                problem.message());
        if (problem.reason() == Reason.OFFSET_OUT_OF_RANGE) {
            long start = logStart(problem);
            cluster.records.outOfRange(node, place, next, start);
            next = start;
            if (keyed != null) {
                keyed.continueAt(start);
            }
        }
        retry(own, true);
    }

    static long logStart(Problem outOfRange) {
        return Long.parseLong(outOfRange.details().getOrDefault("log_start_offset", "-1"));
    }

    void stop() {
        stopped = true;
    }
}

package io.millrace.simulation.workload;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.KeyedReading;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of one whole partition on one node, at the end of a run. */
public final class FinalReader {

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private final PartitionName place;
    private long next;
    private long first;
    private int attempt;
    private boolean done;
    private final @Nullable KeyedReading keyed;

    public FinalReader(SimulatedCluster cluster, SimulatedNode node, PartitionName place) {
        this.cluster = cluster;
        this.node = node;
        this.place = place;
        keyed = place.isKeyed() ? cluster.keyCompaction.reading(place) : null;
    }

    public void start() {
        NodeProcess process = node.serving();
        FetchNode fetch = process == null ? null : process.fetch();
        int own = ++attempt;
        if (process == null || fetch == null) {
            cluster.world.schedule(Duration.ofMillis(200), () -> retry(own));
            return;
        }
        FetchQuery query =
                new FetchQuery(
                        List.of(new PartitionQuery(place.topic(), place.partition(), next, 3000)),
                        Duration.ZERO,
                        0,
                        0);
        process.loop.execute(() ->
                fetch.fetch(query)
                        .whenComplete((result, failure) -> answered(own, result, failure)));
        cluster.world.schedule(Duration.ofSeconds(20), () -> retry(own));
    }

    private void retry(int own) {
        if (own == attempt && !done) {
            start();
        }
    }

    private void answered(int own, @Nullable FetchResult result, @Nullable Throwable failure) {
        if (own != attempt) {
            return;
        }
        if (failure == null
                && result != null
                && result.partitions().getFirst() instanceof PartitionResult.Fetched fetched) {
            read(fetched);
        } else if (failure == null
                && result != null
                && result.partitions().getFirst()
                        instanceof PartitionResult.Failed(var topic, var number, var problem)
                && problem.reason() == Reason.OFFSET_OUT_OF_RANGE) {
            long start = TailingReader.logStart(problem);
            cluster.records.outOfRange(node.number(), place, next, start);
            next = start;
            first = start;
            if (keyed != null) {
                keyed.continueAt(start);
            }
            start();
        } else {
            cluster.trace.remark(
                    cluster.world.nanoTime(), "final reading: " + result + ", " + failure);
            cluster.world.schedule(Duration.ofMillis(200), () -> retry(own));
        }
    }

    private void read(PartitionResult.Fetched fetched) {
        byte[] answer = fetched.batches().toByteArray();
        if (keyed != null) {
            next = keyed.read(node.number(), next, answer);
        } else {
            SimulatedBatches.read(
                    answer,
                    (offset, value) -> {
                        if (offset >= next) {
                            cluster.records.read(node.number(), place, next, offset, value);
                            next++;
                        }
                    });
        }
        if (next < fetched.highWatermark()) {
            start();
            return;
        }
        done = true;
        cluster.records.checkLogStart(node.number(), place, first);
        int known = cluster.records.log(place).size();
        cluster.violations.check(
                next == known,
                "%s ends at %d on node %d, but other readers reached %d",
                place,
                next,
                node.number(),
                known);
    }

    public boolean isDone() {
        return done;
    }

    @Override
    public String toString() {
        return "the final reader of %s on node %d, at offset %d"
                .formatted(place, node.number(), next);
    }
}

package io.millrace.simulation.workload;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of a partition with malformed batches on one node, at the end of a run. */
public final class WholeBatchReader {

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private final PartitionName place;
    private long next;
    private boolean done;
    private String last = "";

    public WholeBatchReader(SimulatedCluster cluster, SimulatedNode node, PartitionName place) {
        this.cluster = cluster;
        this.node = node;
        this.place = place;
    }

    public void start() {
        NodeProcess process = node.serving();
        FetchNode fetch = process == null ? null : process.fetch();
        if (process == null || fetch == null) {
            cluster.world.schedule(PAUSE, this::start);
            return;
        }
        FetchQuery query =
                new FetchQuery(
                        List.of(new PartitionQuery(place.topic(), place.partition(), next, 3000)),
                        Duration.ZERO,
                        0,
                        0);
        process.loop.execute(() -> fetch.fetch(query).whenComplete(this::answered));
    }

    private void answered(@Nullable FetchResult result, @Nullable Throwable failure) {
        last = result + ", " + failure;
        if (result != null
                && result.partitions().getFirst() instanceof PartitionResult.Fetched fetched) {
            read(fetched.batches().toByteArray());
            done = next == fetched.highWatermark();
        }
        if (!done) {
            cluster.world.schedule(PAUSE, this::start);
        }
    }

    private void read(byte[] batches) {
        int end;
        for (int at = 0; at < batches.length; at = end) {
            end = at + (int) BatchHeader.sizeBytes(batches, at);
            long base = BatchHeader.baseOffset(batches, at);
            cluster.violations.check(
                    base == next, "%s has a batch at offset %d instead of %d", place, base, next);
            cluster.malformed.read(place, Arrays.copyOfRange(batches, at, end));
            next = base + BatchHeader.offsetCount(batches, at);
        }
    }

    public boolean isDone() {
        return done;
    }

    @Override
    public String toString() {
        return "the reader of %s on node %d at %d: %s".formatted(place, node.number(), next, last);
    }
}

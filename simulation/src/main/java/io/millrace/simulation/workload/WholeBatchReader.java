package io.millrace.simulation.workload;

import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.PartitionFetch;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A reader of a partition with malformed batches on one node, at the end of a run. */
public final class WholeBatchReader {

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private final PartitionName place;
    private final PartitionFetch fetch;
    private long next;
    private boolean done;
    private String last = "";

    public WholeBatchReader(SimulatedCluster cluster, SimulatedNode node, PartitionName place) {
        this.cluster = cluster;
        this.node = node;
        this.place = place;
        this.fetch = new PartitionFetch(cluster, node, place.topic(), place.partition());
    }

    public void start() {
        fetch.from(next, this::answered);
    }

    private void answered(@Nullable FetchResult result, @Nullable Throwable failure) {
        last = result + ", " + failure;
        if (result != null
                && result.partitions().getFirst() instanceof PartitionResult.Fetched fetched) {
            read(fetched.batches().toByteArray());
            done = next == fetched.highWatermark();
        }
        if (!done) {
            cluster.world.schedule(PartitionFetch.PAUSE, this::start);
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

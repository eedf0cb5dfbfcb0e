package io.millrace.simulation.invariant;

import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.world.PartitionFetch;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of one partition after a restore, up to the end that the backup has. */
final class RestoredReader {

    private final SimulatedCluster cluster;
    private final PartitionFetch fetch;
    private final PartitionName place;
    private final long end;
    private final List<Long> known;
    private long next;
    private String last = "";

    /**
     * @param end the high watermark of the backup
     */
    RestoredReader(SimulatedCluster cluster, SimulatedNode node, PartitionName place, long end) {
        this.cluster = cluster;
        this.fetch = new PartitionFetch(cluster, node, place.topic(), place.partition());
        this.place = place;
        this.end = end;
        this.known = cluster.records.log(place);
    }

    void start() {
        if (isDone()) {
            return;
        }
        fetch.from(next, this::answered);
    }

    private void answered(@Nullable FetchResult result, @Nullable Throwable failure) {
        last = result + ", " + failure;
        if (result != null) {
            switch (result.partitions().getFirst()) {
                case PartitionResult.Fetched fetched -> read(fetched.batches().toByteArray());
                case PartitionResult.Failed failed -> failed(failed.problem());
            }
        }
        cluster.world.schedule(PartitionFetch.PAUSE, this::start);
    }

    private void failed(Problem problem) {
        if (problem.reason() == Reason.OFFSET_OUT_OF_RANGE) {
            next = Long.parseLong(problem.details().getOrDefault("log_start_offset", "-1"));
        }
    }

    private void read(byte[] batches) {
        for (int at = 0; at < batches.length; at += (int) BatchHeader.sizeBytes(batches, at)) {
            long base = BatchHeader.baseOffset(batches, at);
            if (!place.isKeyed() && !PartitionName.isMalformed(place.topic())) {
                SimulatedBatches.read(
                        batches, at, base, (offset, value, _) -> check(offset, value));
            }
            next = Math.max(next, base + BatchHeader.offsetCount(batches, at));
        }
    }

    private void check(long offset, long value) {
        cluster.violations.check(
                offset >= known.size() || known.get((int) offset) == value,
                "after the restore, %s has record %d at offset %d",
                place,
                value,
                offset);
    }

    boolean isDone() {
        return next >= end;
    }

    @Override
    public String toString() {
        return "%s at %d of %d: %s".formatted(place, next, end, last);
    }
}

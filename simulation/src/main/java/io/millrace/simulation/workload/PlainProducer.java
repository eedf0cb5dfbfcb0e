package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A producer without an id, which sends every record only once. An acknowledged record must be
 * stored, a rejected record must not.
 */
final class PlainProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private record Stored(long firstValue, long offset) {}

    private static boolean isUnknown(Reason reason) {
        return reason == Reason.OUTCOME_UNKNOWN;
    }

    private final SimulatedCluster cluster;
    private final List<PartitionName> places;
    private final SplittableRandom random;
    private final int maxPauseMillis;
    private final Map<PartitionName, Stored> newest = new HashMap<>();
    private Network.@Nullable Link link;
    private int left;
    private int pending;

    PlainProducer(SimulatedCluster cluster, List<PartitionName> places, SplittableRandom random) {
        this.cluster = cluster;
        this.places = places;
        this.random = random;
        maxPauseMillis = 20 + random.nextInt(800);
        left = 10 + random.nextInt(60);
    }

    @Override
    public void start() {
        if (left == 0) {
            return;
        }
        left--;
        if (link == null || random.nextInt(20) == 0) {
            NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.INGEST, random);
            link = node == null ? null : cluster.network.connect(node);
            newest.clear();
        }
        if (link != null) {
            send(link);
        }
        cluster.world.schedule(FaultState.between(random, 0, maxPauseMillis), this::start);
    }

    private void send(Network.Link via) {
        IngestNode ingest = via.process.ingest();
        if (ingest == null || via.process.loop.isDead()) {
            link = null;
            return;
        }
        PartitionName place = places.get(random.nextInt(places.size()));
        int count = 1 + random.nextInt(5);
        long first = cluster.records.reserveValues(place, count);
        boolean packed = random.nextBoolean();
        long timestampMs = cluster.wallMs();
        boolean[] over = new boolean[1];
        pending++;
        ProduceReply reply =
                outcome ->
                        via.reply(() -> {
                            answered(via, place, first, count, outcome);
                            markDone(over);
                        });
        via.send(() -> {
            if (packed) {
                ByteString records =
                        place.isKeyed()
                                ? cluster.keyedBatches.recordSet(timestampMs, first, count)
                                : SimulatedBatches.recordSet(timestampMs, first, count);
                ingest.produceRecords(
                        via.id,
                        place.topic(),
                        place.partition(),
                        records,
                        via.process.checkedReply(reply));
            } else {
                ByteString batch =
                        place.isKeyed()
                                ? cluster.keyedBatches.batch(
                                        SimulatedBatches.Stamp.NONE, timestampMs, first, count)
                                : SimulatedBatches.batch(
                                        SimulatedBatches.Stamp.NONE, timestampMs, first, count);
                ingest.produce(
                        via.id,
                        place.topic(),
                        place.partition(),
                        batch,
                        via.process.checkedReply(reply));
            }
        });
        cluster.world.schedule(
                PATIENCE,
                () -> {
                    if (markDone(over) && link == via) {
                        link = null;
                    }
                });
    }

    /** Marks a request as done, and returns whether the request was pending. */
    private boolean markDone(boolean[] over) {
        if (over[0]) {
            return false;
        }
        over[0] = true;
        pending--;
        return true;
    }

    private void answered(
            Network.Link via, PartitionName place, long first, int count, ProduceOutcome outcome) {
        switch (outcome) {
            case ProduceOutcome.Acknowledged(var offset, _, var duplicate, _) -> {
                cluster.violations.check(
                        !duplicate,
                        "record %d was sent once, but the answer says duplicate",
                        first);
                cluster.records.acknowledged(place, first, count, offset);
                if (link == via) {
                    checkOrder(place, first, offset);
                }
            }
            case ProduceOutcome.Rejected(var problem) -> {
                cluster.trace.remark(cluster.world.nanoTime(), "refused " + first + ": " + problem);
                cluster.violations.check(
                        problem.reason() != Reason.UNKNOWN_TOPIC
                                || cluster.isDeleted(place, problem.reason()),
                        "%s exists, but the request was rejected: %s",
                        place,
                        problem.message());
                if (!isUnknown(problem.reason())) {
                    cluster.records.rejected(place, first, count);
                }
                link = null;
            }
        }
    }

    private void checkOrder(PartitionName place, long first, long offset) {
        Stored before = newest.put(place, new Stored(first, offset));
        cluster.violations.check(
                before == null || (before.firstValue() < first) == (before.offset() < offset),
                "records %d and %s of %s, sent over one connection, are out of order (the first is"
                        + " at %d)",
                first,
                before,
                place,
                offset);
    }

    @Override
    public boolean isDone() {
        return left == 0 && pending == 0;
    }

    @Override
    public String toString() {
        return "a producer without id of " + places + " with " + pending + " open";
    }
}

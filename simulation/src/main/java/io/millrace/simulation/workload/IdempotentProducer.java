package io.millrace.simulation.workload;

import io.millrace.ingest.IngestNode;
import io.millrace.metadata.membership.Role;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A producer with an id. After any failure, batches are sent again until each is acknowledged.
 * Every record must be stored exactly once and in order.
 */
final class IdempotentProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(7);

    private final SimulatedCluster cluster;
    private final List<PartitionName> places;
    private final SplittableRandom random;
    private final List<SequencedLane> lanes = new ArrayList<>();
    private int attempt;
    private boolean hasId;

    IdempotentProducer(
            SimulatedCluster cluster, List<PartitionName> places, SplittableRandom random) {
        this.cluster = cluster;
        this.places = places;
        this.random = random;
    }

    @Override
    public void start() {
        if (hasId) {
            return;
        }
        int own = ++attempt;
        NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.INGEST, random);
        IngestNode ingest = node == null ? null : node.ingest();
        if (node == null || ingest == null) {
            cluster.world.schedule(Duration.ofMillis(200), this::start);
            return;
        }
        Network.Link link = cluster.network.connect(node);
        link.send(() ->
                ingest.allocateProducerId()
                        .whenComplete((lease, failure) ->
                                link.reply(() -> {
                                    if (failure == null) {
                                        begin(own, lease.producerId());
                                    } else {
                                        retry(own);
                                    }
                                })));
        cluster.world.schedule(PATIENCE, () -> retry(own));
    }

    private void retry(int own) {
        if (own == attempt && !hasId) {
            attempt++;
            cluster.world.schedule(FaultState.between(random, 10, 300), this::start);
        }
    }

    private void begin(int own, long producerId) {
        cluster.records.producerId(producerId);
        if (own != attempt || hasId) {
            return;
        }
        hasId = true;
        for (PartitionName place : places) {
            SequencedLane lane = new SequencedLane(cluster, place, producerId, random.split());
            lanes.add(lane);
            lane.sendMore();
        }
    }

    @Override
    public boolean isDone() {
        return hasId && lanes.stream().allMatch(SequencedLane::isDone);
    }

    @Override
    public String toString() {
        return hasId ? "producer of " + lanes : "an idempotent producer that waits for its id";
    }
}

package io.millrace.simulation.workload;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client that deletes the first records of partitions, but only records that were read. Any
 * outcome is permitted.
 */
final class Trimming implements SimulatedClients.Client {

    private final SimulatedCluster cluster;
    private final List<PartitionName> places;
    private final SplittableRandom random;
    private int left;

    Trimming(SimulatedCluster cluster, List<PartitionName> places, SplittableRandom random) {
        this.cluster = cluster;
        this.places = places;
        this.random = random;
        left = random.nextInt(8);
    }

    @Override
    public void start() {
        if (left > 0) {
            cluster.world.schedule(FaultState.between(random, 200, 3000), this::trim);
        }
    }

    private void trim() {
        left--;
        PartitionName place = places.get(random.nextInt(places.size()));
        long offset = random.nextLong(cluster.records.log(place).size() + 1L);
        NodeProcess node = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = node == null ? null : node.replica();
        if (node != null && replica != null && offset > 0) {
            cluster.records.trimming(place, offset);
            Network.Link link = cluster.network.connect(node);
            link.send(() -> propose(link, replica, place, offset));
        }
        start();
    }

    private void propose(
            Network.Link link, MetadataReplica replica, PartitionName place, long offset) {
        replica.topics()
                .named(place.topic())
                .ifPresent(topic -> {
                    cluster.records.trimming(
                            new PartitionId(topic.id(), place.partition()), offset);
                    replica.propose(
                                    new Command.LogStartAdvanced(
                                            topic.id(),
                                            List.of(new LogStart(place.partition(), offset))),
                                    Priority.BACKGROUND)
                            .thenAccept(proposal ->
                                    link.reply(() -> answered(place, offset, proposal)));
                });
    }

    private void answered(PartitionName place, long offset, Proposal proposal) {
        if (proposal instanceof Proposal.Applied(Outcome.Rows(var rows), _)
                && rows.getFirst() instanceof RowOutcome.Accepted) {
            cluster.records.trimmed(place, offset);
        }
    }

    @Override
    public boolean isDone() {
        return left == 0;
    }

    @Override
    public String toString() {
        return "the trimming of " + places;
    }
}

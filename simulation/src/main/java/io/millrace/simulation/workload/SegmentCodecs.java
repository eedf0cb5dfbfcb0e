package io.millrace.simulation.workload;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** A client that changes a topic's segment compression while segments are written. */
final class SegmentCodecs implements SimulatedClients.Client {

    static final String SETTING = "segment.compression";

    private final SimulatedCluster cluster;
    private final String topic;
    private final SplittableRandom random;
    private int left;

    SegmentCodecs(SimulatedCluster cluster, String topic, SplittableRandom random) {
        this.cluster = cluster;
        this.topic = topic;
        this.random = random;
        left = 1 + random.nextInt(8);
    }

    @Override
    public void start() {
        if (left > 0) {
            cluster.world.schedule(FaultState.between(random, 0, 4000), this::change);
        }
    }

    private void change() {
        left--;
        NodeProcess node = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = node == null ? null : node.replica();
        if (node != null && replica != null) {
            cluster.network
                    .connect(node)
                    .send(() ->
                            replica.topics()
                                    .named(topic)
                                    .ifPresent(known -> propose(replica, known)));
        }
        start();
    }

    private void propose(MetadataReplica replica, Topic known) {
        boolean isReset = random.nextInt(5) == 0;
        var unused =
                replica.propose(
                        new Command.TopicConfigured(
                                known.id(),
                                isReset
                                        ? Map.of()
                                        : Map.of(SETTING, BatchCodecs.randomSegmentSetting(random)),
                                isReset ? Set.of(SETTING) : Set.of()),
                        Priority.BACKGROUND);
    }

    @Override
    public boolean isDone() {
        return left == 0;
    }

    @Override
    public String toString() {
        return "changes of the compression of " + topic;
    }
}

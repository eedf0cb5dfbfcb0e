package io.millrace.simulation.workload;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * A client that changes the settings of a compacted topic, adds partitions and may delete the
 * topic.
 */
final class CompactedTopic implements SimulatedClients.Client {

    private static final int MAX_PARTITIONS = 4;

    private final SimulatedCluster cluster;
    private final String name;
    private final SplittableRandom random;
    private final IntConsumer whenAdded;
    private final boolean isDeleted;
    private int partitions;
    private int left;

    /**
     * @param whenAdded called for each partition that is added later
     */
    CompactedTopic(
            SimulatedCluster cluster,
            String name,
            int partitions,
            SplittableRandom random,
            IntConsumer whenAdded) {
        this.cluster = cluster;
        this.name = name;
        this.partitions = partitions;
        this.random = random;
        this.whenAdded = whenAdded;
        isDeleted = random.nextInt(6) == 0;
        left = random.nextInt(5) + (isDeleted ? 1 : 0);
    }

    static Map<String, String> settings(SplittableRandom random) {
        Map<String, String> chosen = new TreeMap<>();
        chosen.put("compression.type", "none");
        chosen.put("cleanup.policy", random.nextInt(4) == 0 ? "compact,delete" : "compact");
        chosen.put("retention.ms", millis(1500 << random.nextInt(8)));
        chosen.put("min.cleanable.dirty.ratio", random.nextBoolean() ? "0.2" : "0.5");
        chosen.put(
                "min.compaction.lag.ms",
                random.nextBoolean() ? "0" : millis(random.nextInt(1 << random.nextInt(13))));
        chosen.put("delete.retention.ms", millis(random.nextInt(1 << random.nextInt(14))));
        if (random.nextInt(3) > 0) {
            chosen.put(SegmentCodecs.SETTING, BatchCodecs.randomSegmentSetting(random));
        }
        if (random.nextInt(4) == 0) {
            chosen.put("message.timestamp.type", "LogAppendTime");
        }
        return chosen;
    }

    private static String millis(int count) {
        return Integer.toString(count);
    }

    @Override
    public void start() {
        if (left > 0) {
            cluster.world.schedule(FaultState.between(random, 200, 6000), this::change);
        }
    }

    private void change() {
        left--;
        NodeProcess node = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = node == null ? null : node.replica();
        if (node != null && replica != null) {
            Network.Link link = cluster.network.connect(node);
            link.send(() ->
                    replica.topics().named(name).ifPresent(topic -> change(link, replica, topic)));
        }
        start();
    }

    private void change(Network.Link link, MetadataReplica replica, Topic topic) {
        if (left == 0 && isDeleted) {
            cluster.topicsToDelete.add(name);
            propose(link, replica, new Command.TopicDeleted(topic.id()));
        } else if (random.nextInt(3) == 0 && partitions < MAX_PARTITIONS) {
            propose(link, replica, new Command.PartitionsAdded(topic.id(), partitions + 1));
        } else {
            Map<String, String> changed = settings(random);
            if (left > 0 && random.nextInt(4) == 0) {
                changed.put("cleanup.policy", "delete");
            }
            Set<String> reset =
                    changed.containsKey(SegmentCodecs.SETTING)
                            ? Set.of()
                            : Set.of(SegmentCodecs.SETTING);
            propose(link, replica, new Command.TopicConfigured(topic.id(), changed, reset));
        }
    }

    private void propose(Network.Link link, MetadataReplica replica, Command command) {
        replica.propose(command, Priority.BACKGROUND)
                .thenAccept(proposal -> link.reply(() -> answered(proposal)));
    }

    private void answered(Proposal proposal) {
        if (proposal instanceof Proposal.Applied(Outcome.TopicReady(Topic topic), _)) {
            for (; partitions < topic.partitionCount(); partitions++) {
                whenAdded.accept(partitions);
            }
        }
    }

    @Override
    public boolean isDone() {
        return left == 0;
    }

    @Override
    public String toString() {
        return "changes of topic " + name;
    }
}

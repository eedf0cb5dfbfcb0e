package io.millrace.simulation.workload;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;

/** Creates a topic, with retries until success. */
final class TopicCreation implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(7);

    private final SimulatedCluster cluster;
    private final String topic;
    private final int partitions;
    private final Map<String, String> config;
    private final SplittableRandom random;
    private final Runnable then;
    private int attempt;
    private boolean done;

    TopicCreation(
            SimulatedCluster cluster,
            String topic,
            int partitions,
            Map<String, String> config,
            SplittableRandom random,
            Runnable then) {
        this.cluster = cluster;
        this.topic = topic;
        this.partitions = partitions;
        this.config = config;
        this.random = random;
        this.then = then;
    }

    @Override
    public void start() {
        if (done) {
            return;
        }
        int own = ++attempt;
        NodeProcess node = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = node == null ? null : node.replica();
        if (node == null || replica == null) {
            cluster.world.schedule(Duration.ofMillis(200), this::start);
            return;
        }
        Network.Link link = cluster.network.connect(node);
        link.send(() ->
                replica.propose(
                                new Command.TopicCreated(topic, partitions, config),
                                Priority.PRODUCE)
                        .thenAccept(proposal -> link.reply(() -> answered(own, proposal))));
        cluster.world.schedule(PATIENCE, () -> retry(own));
    }

    private void answered(int own, Proposal proposal) {
        boolean there =
                switch (proposal) {
                    case Proposal.Applied(Outcome.TopicReady ready, _) -> true;
                    case Proposal.Applied(Outcome.CommandRejected(var problem), _) ->
                            problem.reason() == Reason.TOPIC_EXISTS;
                    case Proposal.Applied applied -> false;
                    case Proposal.NotApplied not -> false;
                    case Proposal.Unknown unknown -> false;
                };
        if (there && !done) {
            done = true;
            cluster.trace.note(cluster.world.nanoTime(), "topic is there", partitions, attempt, 0);
            then.run();
        } else {
            cluster.world.schedule(FaultState.between(random, 10, 300), () -> retry(own));
        }
    }

    private void retry(int own) {
        if (own == attempt) {
            start();
        }
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public String toString() {
        return "the creation of " + topic;
    }
}

package io.millrace.simulation;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.simulation.world.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** A started cluster without clients and faults, for tests of single clients and checks. */
public final class StartedCluster {

    public static final PartitionName PLACE = new PartitionName("topic-0", 0);

    public final SimulatedCluster cluster =
            new SimulatedCluster(new SplittableRandom(3), new Trace(null));

    public StartedCluster() {
        cluster.faults.mergesStoppedUntil = Long.MAX_VALUE;
        cluster.nodes.forEach(SimulatedNode::start);
        pass(Duration.ofSeconds(10));
        createTopic(PLACE.topic());
    }

    public void pass(Duration time) {
        cluster.world.advance(time);
    }

    /** Creates a topic with one partition. */
    public void createTopic(String name) {
        propose(new Command.TopicCreated(name, 1, Map.of("compression.type", "none")));
    }

    public void deleteTopic(String name) {
        MetadataReplica replica =
                Objects.requireNonNull(
                        Objects.requireNonNull(cluster.nodes.getFirst().serving()).replica());
        propose(new Command.TopicDeleted(replica.topics().named(name).orElseThrow().id()));
    }

    /** Returns a producer id that no other producer has. */
    public long producerId() {
        NodeProcess process =
                Objects.requireNonNull(cluster.nodesWith(Role.INGEST).getFirst().serving());
        IngestNode ingest = Objects.requireNonNull(process.ingest());
        List<Long> ids = new ArrayList<>();
        process.loop.execute(
                () -> ingest.allocateProducerId().thenAccept(range -> ids.add(range.producerId())));
        pass(Duration.ofSeconds(5));
        return ids.getFirst();
    }

    public void propose(Command command) {
        NodeProcess process = Objects.requireNonNull(cluster.nodes.getFirst().serving());
        MetadataReplica replica = Objects.requireNonNull(process.replica());
        process.loop.execute(() -> {
            var unused = replica.propose(command, Priority.BACKGROUND);
        });
        pass(Duration.ofSeconds(2));
    }

    /** Stores a record that no client of the simulation has sent. */
    public void storeForeignRecord(PartitionName place, long value) {
        store(place, SimulatedBatches.batch(Stamp.NONE, cluster.wallMs(), value, 1));
    }

    /** Stores a batch through an ingest node. */
    public void store(PartitionName place, ByteString batch) {
        NodeProcess process =
                Objects.requireNonNull(cluster.nodesWith(Role.INGEST).getFirst().serving());
        IngestNode ingest = Objects.requireNonNull(process.ingest());
        List<ProduceOutcome> outcomes = new ArrayList<>();
        process.loop.execute(
                () -> ingest.produce(7, place.topic(), place.partition(), batch, outcomes::add));
        pass(Duration.ofSeconds(10));
        if (!(outcomes.getFirst() instanceof ProduceOutcome.Acknowledged)) {
            throw new AssertionError("not stored: " + outcomes);
        }
    }

    /** Deletes all blocks from the bucket, and restarts all nodes, so that no cache has them. */
    public void loseBlocks() {
        cluster.bucket.delete(
                cluster.bucket.keys().stream()
                        .filter(key -> key.value().contains("/wal/"))
                        .toList());
        cluster.nodes.forEach(SimulatedNode::crash);
        pass(Duration.ofSeconds(20));
    }
}

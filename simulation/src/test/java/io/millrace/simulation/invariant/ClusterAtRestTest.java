package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.simulation.world.Trace;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that the checks of a cluster at rest detect what is wrong. */
final class ClusterAtRestTest {

    private static final long TOPIC = 1;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final SimulatedCluster cluster =
            new SimulatedCluster(new SplittableRandom(3), new Trace(null));
    private final FinalBucketCheck bucket = new FinalBucketCheck(cluster, cluster.nodes.getFirst());
    private final DeletionProgress deletions = new DeletionProgress(cluster);
    private final WaitingBlocks waiting = new WaitingBlocks(cluster);
    private long blocks;

    @BeforeEach
    void createTopic() {
        cluster.nodes.forEach(SimulatedNode::start);
        cluster.world.advance(Duration.ofSeconds(10));
        propose(new Command.TopicCreated("t", 1, Map.of()));
    }

    private void propose(Command command) {
        NodeProcess process = Objects.requireNonNull(cluster.nodes.getFirst().serving());
        MetadataReplica replica = Objects.requireNonNull(process.replica());
        process.loop.execute(() -> {
            var unused = replica.propose(command, Priority.BACKGROUND);
        });
        cluster.world.advance(Duration.ofSeconds(2));
    }

    private ObjectId nextBlock() {
        return new ObjectId(ObjectId.Kind.WAL, 1L << 40, ++blocks);
    }

    private ObjectId commit() {
        ObjectId id = nextBlock();
        byte[] batch = SimulatedBatches.batch(Stamp.NONE, cluster.wallMs(), 1, 1).toByteArray();
        cluster.bucket.put(id.key(SimulatedCluster.NAME), ObjectBody.of(batch));
        propose(
                new Command.BlockCommitted(
                        new ObjectRef(id, batch.length, batch.length + 1),
                        cluster.wallMs(),
                        List.of(
                                new BatchItem(
                                        TOPIC,
                                        0,
                                        1,
                                        0,
                                        batch.length,
                                        cluster.wallMs(),
                                        ProducerStamp.NONE))));
        return id;
    }

    @Test
    void anEmptyClusterIsSound() {
        bucket.start();
        deletions.start();
        cluster.world.advance(LONG);

        assertThat(bucket.isDone()).as(bucket.toString()).isTrue();
        assertThat(deletions.isDone()).isTrue();
        assertThat(waiting.isEmpty()).isTrue();
        assertThat(cluster.violations.first()).isNull();
    }

    @Test
    void detectsAMissingObject() {
        cluster.faults.mergesStoppedUntil = Long.MAX_VALUE;
        cluster.bucket.delete(List.of(commit().key(SimulatedCluster.NAME)));
        bucket.start();
        cluster.world.advance(LONG);

        assertThat(cluster.violations.first()).contains("MISSING");
    }

    @Test
    void isNotDoneWhileAnOrphanIsInTheBucket() {
        cluster.bucket.put(nextBlock().key(SimulatedCluster.NAME), ObjectBody.of(new byte[200]));
        bucket.start();
        deletions.start();
        cluster.world.advance(Duration.ofMillis(1));

        assertThat(bucket.isDone()).isFalse();
        assertThat(deletions.isDone()).isFalse();
        assertThat(deletions.toString()).contains("unreferenced objects");
    }

    @Test
    void reportsBlocksThatNoMergeTakes() {
        cluster.faults.mergesStoppedUntil = Long.MAX_VALUE;
        for (int i = 0; i <= cluster.nodes.size(); i++) {
            commit();
        }
        cluster.world.advance(LONG);

        assertThat(waiting.isEmpty()).isFalse();
        assertThat(waiting.toString()).contains("blocks that wait for a merge");
    }
}

package io.millrace.simulation.workload;

import static io.millrace.simulation.StartedCluster.PLACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.StartedCluster;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests that a producer of the simulation detects answers that no node may give. */
final class SequencedLaneTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final StartedCluster started = new StartedCluster();
    private final SimulatedCluster cluster = started.cluster;

    private void send(PartitionName place, long producerId) {
        new SequencedLane(cluster, place, producerId, new SplittableRandom(1)).sendMore();
        started.pass(LONG);
    }

    @Test
    void detectsThatItsTopicIsMissing() {
        send(new PartitionName("topic-9", 0), 1);

        assertThat(cluster.violations.first()).contains("topic-9").contains("were rejected");
    }

    @Test
    void acceptsAcknowledgements() {
        send(PLACE, started.producerId());

        assertThat(cluster.violations.first()).isNull();
    }

    @Test
    void detectsThatItsTopicWasReplacedByAnother() {
        long producerId = started.producerId();
        SequencedLane lane = new SequencedLane(cluster, PLACE, producerId, new SplittableRandom(1));
        lane.sendMore();
        started.pass(Duration.ofMillis(500));
        started.deleteTopic(PLACE.topic());
        started.createTopic(PLACE.topic());
        started.pass(LONG);

        assertThat(cluster.violations.first()).isNotNull();
    }
}

package io.millrace.simulation.workload;

import static io.millrace.simulation.StartedCluster.PLACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.Role;
import io.millrace.simulation.StartedCluster;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests that the readers of the simulation detect what is wrong. */
final class SimulatedReadersTest {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final PartitionName MALFORMED = PartitionName.OF_MALFORMED;

    private final StartedCluster started = new StartedCluster();
    private final SimulatedCluster cluster = started.cluster;
    private final SplittableRandom random = new SplittableRandom(1);

    private SimulatedNode fetchNode() {
        return cluster.nodesWith(Role.FETCH).getFirst();
    }

    private void tail(PartitionName place) {
        new TailingReader(cluster, place, random).start();
        started.pass(LONG);
    }

    private void pin() {
        new PinnedReader(cluster, fetchNode(), PLACE, random).start();
        started.pass(LONG);
    }

    private void storeSentRecord() {
        started.storeForeignRecord(PLACE, cluster.records.reserveValues(PLACE, 1));
    }

    @Test
    void recordsThatWereSentAreAccepted() {
        storeSentRecord();
        storeSentRecord();
        tail(PLACE);
        pin();

        assertThat(cluster.violations.first()).isNull();
        assertThat(cluster.records.log(PLACE)).hasSize(2);
    }

    @Test
    void aTailingReaderDetectsARecordThatWasNeverSent() {
        started.storeForeignRecord(PLACE, 12_345);
        tail(PLACE);

        assertThat(cluster.violations.first()).contains("12345");
    }

    @Test
    void aTailingReaderDetectsATopicThatIsMissing() {
        tail(new PartitionName("topic-9", 0));

        assertThat(cluster.violations.first())
                .contains("a reader at offset 0 of")
                .contains("topic-9");
    }

    @Test
    void aPinnedReaderDetectsARecordThatWasNeverSent() {
        started.storeForeignRecord(PLACE, 12_345);
        pin();

        assertThat(cluster.violations.first()).contains("12345");
    }

    @Test
    void aWholeBatchReaderDetectsAChangedBatch() {
        started.createTopic(MALFORMED.topic());
        long nowMs = cluster.wallMs();
        started.store(MALFORMED, SimulatedBatches.batch(Stamp.NONE, nowMs, 1, 1));
        cluster.malformed.acknowledged(
                MALFORMED, 0, SimulatedBatches.batch(Stamp.NONE, nowMs, 2, 1).toByteArray());
        new WholeBatchReader(cluster, fetchNode(), MALFORMED).start();
        started.pass(LONG);

        assertThat(cluster.violations.first()).contains("was acknowledged");
    }

    @Test
    void aWholeBatchReaderIsNotDoneBeforeTheEnd() {
        started.createTopic(MALFORMED.topic());
        started.store(MALFORMED, SimulatedBatches.batch(Stamp.NONE, cluster.wallMs(), 1, 1));
        started.loseBlocks();
        WholeBatchReader reader = new WholeBatchReader(cluster, fetchNode(), MALFORMED);
        reader.start();
        started.pass(LONG);

        assertThat(reader.isDone()).isFalse();
    }
}

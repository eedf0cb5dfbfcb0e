package io.millrace.simulation.invariant;

import static io.millrace.simulation.StartedCluster.PLACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.Role;
import io.millrace.simulation.StartedCluster;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests that the checks of a restored cluster detect what is wrong. */
final class RestoredClusterTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final StartedCluster started = new StartedCluster();
    private final SimulatedCluster cluster = started.cluster;

    private void storeSentRecord() {
        started.storeForeignRecord(PLACE, cluster.records.reserveValues(PLACE, 1));
    }

    /** Notes a restore from a backup with the whole log. */
    private RestoredLog restoredLog() {
        cluster.restored(cluster.logCheck.newest());
        return Objects.requireNonNull(cluster.restored());
    }

    private RestoredReader reader(long end) {
        RestoredReader reader =
                new RestoredReader(cluster, cluster.nodesWith(Role.FETCH).getFirst(), PLACE, end);
        reader.start();
        started.pass(LONG);
        return reader;
    }

    @Test
    void isNotDoneWhileABlockIsLost() {
        storeSentRecord();
        started.loseBlocks();
        RestoredCluster restored = new RestoredCluster(cluster, restoredLog());
        restored.start();
        started.pass(LONG);

        assertThat(restored.isDone()).isFalse();
    }

    @Test
    void doesNotServeWhileANodeHasTheFormerGeneration() {
        assertThat(new RestoredCluster(cluster, restoredLog()).isServing()).isFalse();
    }

    @Test
    void aReaderIsDoneAtTheEndOfTheBackup() {
        storeSentRecord();
        storeSentRecord();
        assertThat(reader(2).isDone()).isTrue();
        assertThat(reader(3).isDone()).isFalse();
        assertThat(cluster.violations.first()).isNull();
    }

    @Test
    void aReaderDetectsAnotherRecordThanWasReadBefore() {
        storeSentRecord();
        cluster.records.log(PLACE).add(12_345L);
        reader(1);

        assertThat(cluster.violations.first()).contains("after the restore");
    }
}

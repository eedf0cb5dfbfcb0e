package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A manifest does not outgrow a value of etcd while no checkpoint can be stored. */
final class UncoveredArchivesTest {

    private static final int LIMIT = 1_500;
    private static final int ENTRIES = 300;

    private final EtcdCluster cluster = EtcdCluster.ofUncoveredBytes(LIMIT);
    private final SuspendableProcess process = new SuspendableProcess();
    private final Member member = cluster.start(true, process);
    private int topics;

    private void write(int entries) {
        for (int i = 0; i < entries; i++) {
            cluster.pass(Duration.ofMillis(300));
            cluster.create(member, "t" + topics++);
        }
        cluster.pass(Duration.ofSeconds(20));
    }

    private LogManifest manifest() {
        return LogManifest.parse(cluster.etcd.value("/millrace/test/manifest"), "manifest");
    }

    @Test
    void noEpochIsArchivedAtTheLimit() {
        process.setFailsCheckpoints(true);
        write(ENTRIES);

        assertThat(manifest().uncoveredBytes()).isBetween((long) LIMIT, LIMIT + 200L);
        assertThat(member.meter("millrace.metadata.log.archives.uncovered"))
                .isEqualTo(manifest().uncovered().size());
    }

    @Test
    void archivingContinuesAfterACheckpoint() {
        process.setFailsCheckpoints(true);
        write(ENTRIES);
        process.setFailsCheckpoints(false);
        write(10);

        assertThat(manifest().uncoveredBytes()).isLessThan(LIMIT / 2);
        assertThat(manifest().checkpointPosition()).isGreaterThanOrEqualTo(ENTRIES);
        assertThat(member.replica().topics().all()).hasSize(ENTRIES + 10);
        assertThat(cluster.startReady(false).replica().digest())
                .isEqualTo(member.replica().digest());
    }
}

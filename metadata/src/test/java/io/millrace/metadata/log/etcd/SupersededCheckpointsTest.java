package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Objects that a backup of etcd references are kept for the retention time and then deleted. */
final class SupersededCheckpointsTest {

    private static final Duration KEPT = Duration.ofMinutes(10);

    private final EtcdCluster cluster = new EtcdCluster(1, 0, KEPT);
    private final Member member = cluster.startReady(true);
    private int topics;

    private void write(int entries, Duration pause) {
        for (int i = 0; i < entries; i++) {
            cluster.create(member, "t" + topics++);
            cluster.pass(pause);
        }
    }

    private LogManifest manifest() {
        return LogManifest.parse(cluster.etcd.value("/millrace/test/manifest"), "manifest");
    }

    private static Set<String> needed(LogManifest backup) {
        Set<String> needed = new HashSet<>();
        backup.checkpoint().ifPresent(checkpoint -> needed.add(checkpoint.getKey()));
        backup.uncovered().stream().map(StoredArchive::getKey).forEach(needed::add);
        return needed;
    }

    private List<String> stored() {
        return cluster.bucket.keys().stream().map(ObjectKey::value).toList();
    }

    private LogManifest backupAfterACheckpoint() {
        write(60, Duration.ofSeconds(1));
        LogManifest backup = manifest();
        assertThat(backup.checkpoint()).isPresent();
        return backup;
    }

    @Test
    void objectsOfABackupAreKeptForTheRetentionTimeAndThenDeleted() {
        LogManifest backup = backupAfterACheckpoint();
        write(60, Duration.ofSeconds(5));
        assertThat(manifest().checkpointPosition()).isGreaterThan(backup.checkpointPosition());
        assertThat(stored()).containsAll(needed(backup));

        write(120, Duration.ofSeconds(10));
        assertThat(stored()).doesNotContainAnyElementsOf(needed(backup));
        assertThat(stored()).containsAll(manifest().referencedKeys());
    }

    @Test
    void objectsOfABackupAreDeletedInAnIdleClusterToo() {
        LogManifest backup = backupAfterACheckpoint();
        write(20, Duration.ofSeconds(1));
        cluster.pass(cluster.checkpointAge());
        assertThat(stored()).containsAll(needed(backup));

        cluster.pass(KEPT.plus(cluster.checkpointAge()));
        assertThat(manifest().superseded()).isEmpty();
        assertThat(stored()).doesNotContainAnyElementsOf(needed(backup));
    }
}

package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class BackupCheckTest {

    private static final Duration KEPT = Duration.ofSeconds(10);

    private final Violations violations = new Violations();
    private LogManifest manifest = LogManifest.EMPTY;
    private long second = 1_000;
    private final BackupCheck check =
            new BackupCheck(
                    () -> manifest.toBytes(),
                    KEPT,
                    () -> Instant.ofEpochSecond(second),
                    violations);

    private void seal() {
        long epoch = manifest.firstLiveEpoch();
        manifest =
                manifest.with(
                        StoredArchive.newBuilder()
                                .setKey("archive-" + epoch)
                                .setEpoch(epoch)
                                .setFirstPosition(manifest.firstLivePosition())
                                .setEntries(1)
                                .build());
        check.check();
    }

    private void checkpoint(Duration kept) {
        manifest =
                manifest.with(
                        StoredCheckpoint.newBuilder()
                                .setKey("checkpoint-" + second)
                                .setPosition(manifest.firstLivePosition() - 1)
                                .setStoredMs(second * 1000)
                                .build(),
                        0,
                        kept);
        check.check();
    }

    private void twoCheckpoints(Duration kept) {
        seal();
        checkpoint(kept);
        seal();
        second++;
        seal();
        checkpoint(kept);
    }

    private void delete(String key) {
        check.deleting(List.of(new ObjectKey(key)));
    }

    @Test
    void acceptsDeletionsAfterTheRetention() {
        twoCheckpoints(KEPT);
        second += KEPT.toSeconds();
        delete("checkpoint-1000");
        delete("archive-2");

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAnEarlyDeletionOfACheckpoint() {
        twoCheckpoints(KEPT);
        second += KEPT.toSeconds() - 1;
        delete("checkpoint-1000");

        assertThat(violations.first()).contains("needs it");
    }

    @Test
    void detectsAnEarlyDeletionOfAnArchive() {
        twoCheckpoints(KEPT);
        delete("archive-3");

        assertThat(violations.first()).contains("needs it");
    }

    @Test
    void detectsAnEarlyRemovalOfACheckpointFromTheManifest() {
        twoCheckpoints(Duration.ZERO);

        assertThat(violations.first()).contains("a backup restores");
    }
}

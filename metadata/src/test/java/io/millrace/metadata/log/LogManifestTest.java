package io.millrace.metadata.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.ArchiveKey.Kind;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class LogManifestTest {

    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final int ENTRIES = 10;

    private LogManifest manifest = LogManifest.EMPTY;

    private static String archive(long epoch) {
        return new ArchiveKey(Kind.ARCHIVE, epoch, epoch).key("c").value();
    }

    private static String checkpoint(long second) {
        return new ArchiveKey(Kind.CHECKPOINT, second, second).key("c").value();
    }

    private void seal() {
        long epoch = manifest.firstLiveEpoch();
        manifest =
                manifest.with(
                        StoredArchive.newBuilder()
                                .setKey(archive(epoch))
                                .setEpoch(epoch)
                                .setFirstPosition(manifest.firstLivePosition())
                                .setEntries(ENTRIES)
                                .build());
    }

    private void keep(long second, Duration kept) {
        manifest =
                manifest.withoutGarbage()
                        .with(
                                StoredCheckpoint.newBuilder()
                                        .setKey(checkpoint(second))
                                        .setPosition(manifest.firstLivePosition() - 1)
                                        .setStoredMs(second * 1000)
                                        .build(),
                                0,
                                kept);
    }

    private void sealAndKeep(long second) {
        seal();
        keep(second, KEPT);
    }

    @Test
    void aSupersededCheckpointIsKeptWithTheArchivesAfterIt() {
        sealAndKeep(100);
        sealAndKeep(105);
        sealAndKeep(109);

        assertThat(manifest.referencedKeys())
                .containsExactlyInAnyOrder(
                        checkpoint(100),
                        checkpoint(105),
                        checkpoint(109),
                        archive(1),
                        archive(2),
                        archive(3));
        assertThat(manifest.garbage()).isEmpty();
        assertThat(manifest.oldestPosition()).as("the beginning of the log").isZero();
    }

    @Test
    void itsRetentionStartsWhenTheNextCheckpointIsStored() {
        sealAndKeep(100);
        sealAndKeep(200);
        sealAndKeep(209);
        assertThat(manifest.superseded().getFirst().getKey()).isEqualTo(checkpoint(100));
        assertThat(manifest.oldestPosition()).isEqualTo(ENTRIES);

        sealAndKeep(210);
        assertThat(manifest.garbage()).containsExactlyInAnyOrder(checkpoint(100), archive(2));
        assertThat(manifest.oldestPosition()).isEqualTo(2 * ENTRIES);
    }

    @Test
    void theBeginningOfTheLogIsKeptLikeACheckpoint() {
        sealAndKeep(100);
        assertThat(manifest.superseded()).hasSize(1);
        assertThat(manifest.referencedKeys()).contains(archive(1));

        sealAndKeep(110);
        assertThat(manifest.garbage()).containsExactly(archive(1));
        assertThat(manifest.oldestPosition()).isEqualTo(ENTRIES);
    }

    @Test
    void withoutATimeOnlyTheNewestIsKept() {
        sealAndKeep(100);
        seal();
        keep(101, Duration.ZERO);

        assertThat(manifest.superseded()).isEmpty();
        assertThat(manifest.referencedKeys()).containsExactly(checkpoint(101));
        assertThat(manifest.garbage())
                .containsExactlyInAnyOrder(checkpoint(100), archive(1), archive(2));
    }

    @Test
    void supersededCheckpointsCanBeRemovedWithoutANewerOne() {
        sealAndKeep(100);
        sealAndKeep(101);
        seal();
        LogManifest alone = manifest.withoutSuperseded(0);

        assertThat(alone.referencedKeys()).containsExactlyInAnyOrder(checkpoint(101), archive(3));
        assertThat(alone.oldestPosition()).isEqualTo(2 * ENTRIES);
    }

    @Test
    void aCheckpointOfUnknownAgeRemovesNothing() {
        sealAndKeep(100);
        sealAndKeep(0);
        sealAndKeep(109);

        assertThat(manifest.referencedKeys()).contains(checkpoint(0), checkpoint(100));
    }

    @Test
    void theManifestStaysSmallWhateverTheTime() {
        for (int i = 0; i < 8_000; i++) {
            seal();
            if (i % 4 == 0) {
                keep(1, KEPT);
            }
        }
        keep(1, KEPT);

        assertThat(manifest.withoutGarbage().toBytes())
                .hasSizeBetween(LogManifest.MAX_BYTES / 2, LogManifest.MAX_BYTES);
        assertThat(manifest.archives().getFirst().getEpoch()).isGreaterThan(1);
        assertThat(manifest.archives().getFirst().getFirstPosition())
                .isEqualTo(manifest.oldestPosition() + 1);
    }

    private static ObjectKey copy(long number) {
        return ManifestKey.of(number, LogManifest.EMPTY, number).key("c");
    }

    @Test
    void aNewCopyMakesThePrecedingCopyGarbage() {
        manifest = manifest.withCopy(copy(1));
        assertThat(manifest.garbage()).isEmpty();

        manifest = manifest.withCopy(copy(2));
        assertThat(manifest.garbage()).containsExactly(copy(1).value());
        assertThat(manifest.referencedKeys()).containsExactly(copy(2).value());
    }

    private void restore(long position, long second, Predicate<String> isPresent) {
        manifest =
                manifest.restoredTo(
                        StoredCheckpoint.newBuilder()
                                .setKey(checkpoint(second))
                                .setPosition(position)
                                .setStoredMs(second * 1000)
                                .build(),
                        copy(1),
                        isPresent);
    }

    @Test
    void aRestoredLogContinuesAfterItsPointInANewEpoch() {
        sealAndKeep(100);
        sealAndKeep(105);
        seal();
        long epochs = manifest.firstLiveEpoch();
        restore(2 * ENTRIES + 3, 200, key -> true);

        assertThat(manifest.checkpointPosition()).isEqualTo(2 * ENTRIES + 3);
        assertThat(manifest.firstLivePosition()).isEqualTo(2 * ENTRIES + 4);
        assertThat(manifest.firstLiveEpoch()).isGreaterThan(epochs);
        assertThat(manifest.uncovered()).isEmpty();
        assertThat(manifest.referencedKeys())
                .containsExactlyInAnyOrder(
                        checkpoint(200),
                        checkpoint(105),
                        checkpoint(100),
                        archive(1),
                        archive(2),
                        copy(1).value());
    }

    @Test
    void olderPointsWithoutTheirObjectsAreNotListed() {
        sealAndKeep(100);
        sealAndKeep(105);
        restore(2 * ENTRIES, 200, key -> !key.equals(archive(2)));

        assertThat(manifest.oldestPosition()).isEqualTo(2 * ENTRIES);
        assertThat(manifest.archives()).isEmpty();
    }

    @Test
    void theFormerLogIsKeptForTheRetentionTimeAfterTheRestore() {
        sealAndKeep(100);
        restore(ENTRIES, 200, key -> true);

        sealAndKeep(209);
        assertThat(manifest.formerCopy()).contains(copy(1));
        sealAndKeep(210);
        assertThat(manifest.formerCopy()).isEmpty();
        assertThat(manifest.garbage()).contains(copy(1).value());
    }
}

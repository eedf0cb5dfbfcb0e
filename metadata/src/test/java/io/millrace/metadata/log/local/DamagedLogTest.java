package io.millrace.metadata.log.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.runtime.disk.CrashingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Every damaged byte is detected and named, and never used as data. */
final class DamagedLogTest {

    private static final int ENTRIES = 28;

    private final CrashingDisk disk = new CrashingDisk();

    private long write() {
        LogOnCrashingDisk log = LogOnCrashingDisk.start(disk, 1);
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(log.create(i)).isTrue();
        }
        return log.digest();
    }

    private byte[] bytes(Path file) throws IOException {
        return disk.read(file, 0, (int) disk.size(file));
    }

    private void replace(Path file, byte[] content) throws IOException {
        disk.write(file, List.of(ByteBuffer.wrap(content)));
    }

    /** Returns the failure of opening the log; empty if it opens. */
    private Optional<Throwable> damage() {
        try {
            LogOnCrashingDisk.start(disk, 2);
            return Optional.empty();
        } catch (CompletionException rejected) {
            return Optional.ofNullable(rejected.getCause());
        }
    }

    private void everyFlippedByteIsNamed(Path file, int bytes, String name) throws IOException {
        byte[] sound = bytes(file);
        for (int at = 0; at < bytes; at++) {
            byte[] flipped = sound.clone();
            flipped[at] ^= 0x10;
            replace(file, flipped);
            Throwable damage = damage().orElseThrow(() -> new AssertionError(name + " is taken"));
            assertThat(damage)
                    .as("byte %d of %s", at, file)
                    .isInstanceOfAny(LogException.Corrupt.class, CorruptMetadataException.class)
                    .hasMessageContaining(name);
        }
        replace(file, sound);
        assertThat(damage()).isEmpty();
    }

    private List<Path> files(Path folder, String kind) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            String name = String.valueOf(path.getFileName());
            if (name.contains(kind)) {
                found.add(path);
            } else {
                found.addAll(files(path, kind));
            }
        }
        return found;
    }

    private Path live() throws IOException {
        return files(LogOnCrashingDisk.LOG, ".epoch").getLast();
    }

    @Test
    void aFlippedByteOfAnythingAcknowledgedInTheLiveEpochIsNamed() throws IOException {
        write();
        Path live = live();
        int acknowledged = (int) disk.size(live) - EpochFrames.RECEIPT_BYTES;

        assertThat(acknowledged).isGreaterThan(100);
        everyFlippedByteIsNamed(live, acknowledged, live.toString());
    }

    @Test
    void aDamagedReceiptAtTheEndHarmsNothing() throws IOException {
        long digest = write();
        Path live = live();
        byte[] sound = bytes(live);
        for (int at = sound.length - EpochFrames.RECEIPT_BYTES; at < sound.length; at++) {
            byte[] flipped = sound.clone();
            flipped[at] ^= 0x01;
            replace(live, flipped);

            assertThat(LogOnCrashingDisk.start(disk, 2).digest()).isEqualTo(digest);
        }
    }

    @Test
    void aTornTailIsTruncatedAtAnyByteAndAppendsContinue() throws IOException {
        write();
        Path live = live();
        byte[] sound = bytes(live);
        int max = 0;
        for (int length = sound.length; length >= EpochFrames.HEADER_BYTES; length--) {
            replace(live, Arrays.copyOf(sound, length));
            LogOnCrashingDisk log = LogOnCrashingDisk.start(disk, 2);
            int topics = log.topics();
            assertThat(topics).isLessThanOrEqualTo(ENTRIES);
            for (int i = 0; i < topics; i++) {
                assertThat(log.has(i)).isTrue();
            }
            assertThat(log.create(1_000)).isTrue();
            log.close();
            max = Math.max(max, topics);
        }
        assertThat(max).isEqualTo(ENTRIES);
    }

    @Test
    void aFlippedByteOfTheManifestIsNamed() throws IOException {
        write();
        Path manifest = LogOnCrashingDisk.LOG.resolve("manifest");

        everyFlippedByteIsNamed(manifest, (int) disk.size(manifest), manifest.toString());
    }

    @Test
    void aFlippedByteOfAnArchiveBehindTheCheckpointIsNamed() throws IOException {
        write();
        Path newest =
                files(LogOnCrashingDisk.BUCKET, "archive").stream()
                        .max(java.util.Comparator.comparing(path -> name(path)))
                        .orElseThrow();

        everyFlippedByteIsNamed(newest, (int) disk.size(newest), "archive");
    }

    private static String name(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.substring(name.indexOf("archive"));
    }

    @Test
    void aFlippedByteOfTheCheckpointIsNamed() throws IOException {
        write();
        Path checkpoint = files(LogOnCrashingDisk.BUCKET, "checkpoint").getFirst();

        everyFlippedByteIsNamed(checkpoint, (int) disk.size(checkpoint), "checkpoint");
    }

    @Test
    void aMissingEpochIsNamed() throws IOException {
        write();
        Path live = live();
        long number = Long.parseLong(String.valueOf(live.getFileName()).substring(0, 16));
        Path later = live.resolveSibling("%016d.epoch".formatted(number + 1));
        replace(later, bytes(live));
        disk.delete(live);

        assertThat(damage().orElseThrow())
                .isInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining(live.toString());
    }

    @Test
    void aMissingOrEmptyLastEpochIsNamed() throws IOException {
        write();
        Path live = live();
        assertThat(live).isNotEqualTo(live.resolveSibling("0000000000000001.epoch"));
        byte[] header = Arrays.copyOf(bytes(live), EpochFrames.HEADER_BYTES - 1);
        replace(live, header);
        assertThat(damage().orElseThrow())
                .isInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining(live.toString());

        disk.delete(live);
        assertThat(damage().orElseThrow())
                .isInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining(live.toString());
    }

    @Test
    void anEpochWhoseDeletionWasUndoneIsDeletedAgain() throws IOException {
        long digest = write();
        Path old = LogOnCrashingDisk.LOG.resolve("0000000000000001.epoch");
        replace(old, bytes(live()));

        assertThat(LogOnCrashingDisk.start(disk, 2).digest()).isEqualTo(digest);
        assertThat(disk.exists(old)).isFalse();
    }
}

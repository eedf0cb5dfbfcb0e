package io.millrace.metadata.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.ArchiveKey.Kind;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.storage.object.ObjectKey;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveKeyTest {

    @Test
    void itIsParsedFromItsOwnObjectKeyOnly() {
        for (int seed = 0; seed < 2_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ArchiveKey past =
                    new ArchiveKey(
                            random.nextBoolean() ? Kind.ARCHIVE : Kind.CHECKPOINT,
                            random.nextLong() >>> (1 + random.nextInt(63)),
                            random.nextLong());
            ObjectKey key = past.key("c");
            assertThat(ArchiveKey.parse(key, "c")).as("seed %d: %s", seed, key).contains(past);
            assertThat(ArchiveKey.parse(key, "d")).as("seed %d, another cluster", seed).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "5b/c/meta/archive-1-5b0c0f2ad64d3bb1",
                "5a/c/meta/archive-0000000000000001-5b0c0f2ad64d3bb1",
                "5b/c/meta/diary-0000000000000001-5b0c0f2ad64d3bb1",
                "5b/c/meta/archive-99999999999999999999-5b0c0f2ad64d3bb1",
            })
    void otherObjectKeysAreNotParsed(String key) {
        assertThat(ArchiveKey.parse(new ObjectKey(key), "c")).isEmpty();
    }

    private static LogManifest sealed(LogManifest before, long epoch, long firstPosition) {
        return before.with(
                StoredArchive.newBuilder()
                        .setKey(new ArchiveKey(Kind.ARCHIVE, epoch, epoch).key("c").value())
                        .setEpoch(epoch)
                        .setFirstPosition(firstPosition)
                        .setEntries(10)
                        .build());
    }

    @Test
    void aManifestKnowsItsReferencesAndThoseOfItsSuccessors() {
        ArchiveKey checkpoint = new ArchiveKey(Kind.CHECKPOINT, 10, 9);
        LogManifest manifest =
                sealed(sealed(LogManifest.EMPTY, 1, 1), 2, 11)
                        .with(
                                StoredCheckpoint.newBuilder()
                                        .setKey(checkpoint.key("c").value())
                                        .setPosition(10)
                                        .build(),
                                0);

        assertThat(manifest.referencedKeys()).contains(checkpoint.key("c").value());
        assertThat(manifest.referencedKeys())
                .contains(new ArchiveKey(Kind.ARCHIVE, 2, 2).key("c").value());
        assertThat(manifest.referencedKeys())
                .as("the checkpoint covers it")
                .doesNotContain(new ArchiveKey(Kind.ARCHIVE, 1, 1).key("c").value());
        assertThat(manifest.referencedKeys())
                .as("another attempt")
                .doesNotContain(new ArchiveKey(Kind.ARCHIVE, 2, 3).key("c").value());
        assertThat(manifest.mayBeReferencedLater(new ArchiveKey(Kind.ARCHIVE, 2, 3))).isFalse();
        assertThat(manifest.mayBeReferencedLater(new ArchiveKey(Kind.ARCHIVE, 3, 3))).isTrue();
        assertThat(manifest.mayBeReferencedLater(new ArchiveKey(Kind.CHECKPOINT, 10, 3))).isFalse();
        assertThat(manifest.mayBeReferencedLater(new ArchiveKey(Kind.CHECKPOINT, 11, 3))).isTrue();
    }
}

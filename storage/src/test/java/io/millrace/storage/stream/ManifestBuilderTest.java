package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ManifestBuilderTest {

    private static final ObjectId ID = new ObjectId(ObjectId.Kind.MANIFEST, -7, 3);

    /** Extents added to the builder. */
    private record Added(long topicId, int partition, byte[] content, long position) {}

    @Test
    void extentsLieAtTheirPositionsAndEveryByteIsChecked() {
        for (long seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ManifestBuilder builder = new ManifestBuilder(ID);
            List<Added> all = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                byte[] content = new byte[1 + random.nextInt(30_000)];
                random.nextBytes(content);
                all.add(
                        new Added(
                                i / 4, i / 2, content, builder.add(i / 4, i / 2, content, 5, 70)));
            }
            SealedObject object = builder.seal();
            byte[] bytes = StreamObjects.bytes(object);

            List<Run> runs = StreamObjectVerifier.verify(ID, bytes);

            for (Added added : all) {
                int at = (int) added.position();
                assertThat(Arrays.copyOfRange(bytes, at, at + added.content().length))
                        .as("seed %d", seed)
                        .isEqualTo(added.content());
                assertThat(runs)
                        .as("seed %d", seed)
                        .anyMatch(run ->
                                run.topicId() == added.topicId()
                                        && run.partition() == added.partition()
                                        && run.position() <= at
                                        && run.end() >= at + added.content().length);
            }
            assertThat(runs.stream().mapToInt(Run::batchCount).sum()).isEqualTo(5 * all.size());
            assertThat(bytes).hasSize((int) object.ref().sizeBytes());
            bytes[random.nextInt(bytes.length)] ^= 1;
            assertThatThrownBy(() -> StreamObjectVerifier.verify(ID, bytes))
                    .as("seed %d", seed)
                    .isInstanceOf(Corrupt.class);
        }
    }

    @Test
    void aSoundManifestUnderAnotherNameIsFound() {
        ManifestBuilder builder = new ManifestBuilder(ID);
        builder.add(1, 1, new byte[28], 1, 1);
        byte[] bytes = StreamObjects.bytes(builder.seal());

        ObjectId segment = new ObjectId(ObjectId.Kind.SEGMENT, ID.incarnation(), ID.sequence());
        assertThatThrownBy(() -> StreamObjectVerifier.verify(segment, bytes))
                .isInstanceOf(Corrupt.class);
    }

    @Test
    void partitionsComeInTheirOrder() {
        ManifestBuilder builder = new ManifestBuilder(ID);
        builder.add(2, 1, new byte[28], 1, 1);

        assertThatThrownBy(() -> builder.add(2, 0, new byte[28], 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.add(1, 5, new byte[28], 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.batch.BatchCursor;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StreamObjectBuilderTest {

    private record Added(long topicId, int partition, Slice batch) {}

    @Test
    void anyBatchesComeBackFromWhereTheLayoutSaysAndInTheOrderOfTheirPartition() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            StreamObjectBuilder builder = new StreamObjectBuilder();
            List<Added> added = addRandomBatches(builder, random);

            StreamObjectLayout layout = builder.seal(StreamObjects.ID);

            byte[] object = StreamObjects.bytes(layout.object());
            List<Run> runs = StreamObjectVerifier.verify(StreamObjects.ID, object);
            TreeMap<String, List<Long>> positions = new TreeMap<>();
            for (int i = 0; i < added.size(); i++) {
                int position = (int) layout.position(i);
                byte[] batch = StreamObjects.bytes(added.get(i).batch());
                assertThat(Arrays.copyOfRange(object, position, position + batch.length))
                        .as("seed %d, batch %d", seed, i)
                        .isEqualTo(batch);
                String partition =
                        "%d/%d".formatted(added.get(i).topicId(), added.get(i).partition());
                positions
                        .computeIfAbsent(partition, p -> new ArrayList<>())
                        .add(layout.position(i));
            }
            assertThat(positions.values())
                    .as("seed %d", seed)
                    .allSatisfy(inArrivalOrder -> assertThat(inArrivalOrder).isSorted());
            assertThat(runs).as("seed %d", seed).hasSize(positions.size());
        }
    }

    @Test
    void thePlacesOfTheLayoutAreTheObjectsOrder() {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        addRandomBatches(builder, new Random(7));

        StreamObjectLayout layout = builder.seal(StreamObjects.ID);

        List<Long> positions = new ArrayList<>();
        for (int place = 0; place < layout.batchCount(); place++) {
            positions.add(layout.position(layout.numberAt(place)));
        }
        assertThat(positions).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void everySliceThatIsReadEndsAtABatchOrAtThePart() {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            StreamObjectBuilder builder = new StreamObjectBuilder();
            List<Added> added = addRandomBatches(builder, random);
            StreamObjectLayout layout = builder.seal(StreamObjects.ID);
            byte[] object = StreamObjects.bytes(layout.object());
            List<Long> ends = new ArrayList<>();
            for (int i = 0; i < added.size(); i++) {
                ends.add(layout.position(i) + added.get(i).batch().length());
            }
            int runBytes = (int) layout.object().ref().indexPosition() - 16;
            for (int i = 0; i < 50; i++) {
                int position = 16 + random.nextInt(runBytes);
                int length = 1 + random.nextInt(runBytes - (position - 16));

                List<Slice> slices = layout.object().read(position, length);

                ByteArrayOutputStream read = new ByteArrayOutputStream();
                for (Slice slice : slices) {
                    read.writeBytes(StreamObjects.bytes(slice));
                    long end = (long) position + read.size();
                    assertThat(end == (long) position + length || ends.contains(end))
                            .as("seed %d: slice ends at %d", seed, end)
                            .isTrue();
                }
                assertThat(read.toByteArray())
                        .as("seed %d", seed)
                        .isEqualTo(Arrays.copyOfRange(object, position, position + length));
            }
        }
    }

    @Test
    void batchesThatAreNeighboursInTheirArrayAreUploadedAsOnePiece() {
        byte[] segment = new byte[600];
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (int i = 0; i < 3; i++) {
            StreamObjects.writeBatch(segment, 200 * i, 200, 1, new Random(i));
            builder.add(1, i, new Slice(segment, 200 * i, 200));
        }

        SealedObject object = builder.seal(StreamObjects.ID).object();

        assertThat(object.body().pieces()).as("header, runs, tail").hasSize(3);
        assertThat(object.read(16, 600)).containsExactly(new Slice(segment, 0, 600));
    }

    @Test
    void nothingIsCopiedAndTheWasteOfArraysIsCounted() {
        byte[] segment = new byte[100_000];
        StreamObjects.writeBatch(segment, 500, 100, 1, new Random(1));
        StreamObjectBuilder builder = new StreamObjectBuilder();
        builder.add(1, 0, new Slice(segment, 500, 100));

        SealedObject object = builder.seal(StreamObjects.ID).object();

        assertThat(object.read(16, 100).getFirst().array()).isSameAs(segment);
        assertThat(object.memoryBytes()).isBetween(100_000L, 101_000L);
    }

    @Test
    void aReadOutsideOfTheRunsIsRefused() {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        builder.add(1, 0, StreamObjects.batch(100, 1, new Random(1)));
        SealedObject object = builder.seal(StreamObjects.ID).object();

        assertThatThrownBy(() -> object.read(15, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> object.read(16, 101))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anObjectOfNoBatchesCannotBeSealed() {
        assertThatThrownBy(() -> new StreamObjectBuilder().seal(StreamObjects.ID))
                .isInstanceOf(IllegalStateException.class);
    }

    private static List<Added> addRandomBatches(StreamObjectBuilder builder, Random random) {
        byte[] segment = new byte[200_000];
        int used = 0;
        List<Added> added = new ArrayList<>();
        int count = 1 + random.nextInt(60);
        int partitions = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            int size = 61 + random.nextInt(random.nextInt(20) == 0 ? 70_000 : 2_000);
            if (used + size > segment.length) {
                segment = new byte[200_000];
                used = 0;
            }
            StreamObjects.writeBatch(segment, used, size, 1 + random.nextInt(9), random);
            Slice batch = new Slice(segment, used, size);
            used += size;
            Added addedBatch = new Added(1 + random.nextInt(3), random.nextInt(partitions), batch);
            assertThat(builder.add(addedBatch.topicId(), addedBatch.partition(), batch))
                    .isEqualTo(i);
            added.add(addedBatch);
        }
        assertThat(new BatchCursor(segment, 0, used).next()).isTrue();
        return added;
    }
}

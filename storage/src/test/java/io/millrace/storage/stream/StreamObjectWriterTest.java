package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamObjectWriterTest {

    private static final ObjectId ID = new ObjectId(ObjectId.Kind.SEGMENT, 0x0123456789abcdefL, 42);

    private record Added(long topicId, int partition, long baseOffset, Slice batch) {

        long endOffset() {
            return baseOffset + BatchHeader.offsetCount(batch.array(), batch.offset());
        }

        byte[] stamped() {
            byte[] stamped = StreamObjects.bytes(batch);
            BatchHeader.setBaseOffset(stamped, 0, baseOffset);
            return stamped;
        }
    }

    /** The bytes that a writer produced, and the reference that it returned. */
    private record Written(byte[] bytes, ObjectRef object) {}

    /** Returns sorted batches of a few partitions, with gaps between their offsets. */
    private static List<Added> randomBatches(Random random) {
        List<Added> batches = new ArrayList<>();
        int runs = 1 + random.nextInt(5);
        boolean gaps = random.nextBoolean();
        long topicId = -2;
        int partition = 0;
        for (int run = 0; run < runs; run++) {
            boolean nextTopic = random.nextBoolean();
            topicId += nextTopic ? 1 + random.nextInt(3) : 0;
            partition = nextTopic ? random.nextInt(3) : partition + 1 + random.nextInt(3);
            long offset = random.nextLong(1L << 40);
            for (int i = 1 + random.nextInt(20); i > 0; i--) {
                int size = 61 + random.nextInt(random.nextInt(8) == 0 ? 100_000 : 2_000);
                Added added =
                        new Added(
                                topicId,
                                partition,
                                offset,
                                batch(size, 1 + random.nextInt(9), random));
                batches.add(added);
                offset = added.endOffset() + (gaps ? random.nextInt(3) * random.nextInt(50) : 0);
            }
        }
        return batches;
    }

    /** Returns a batch of random bytes and timestamps, at a random place in an array. */
    private static Slice batch(int size, int records, Random random) {
        int at = random.nextInt(100);
        byte[] array = new byte[at + size + random.nextInt(100)];
        random.nextBytes(array);
        long baseTimestampMs = random.nextInt(100_000);
        BatchHeader.write(
                array,
                at,
                size,
                BatchHeader.Fields.anonymous(
                        4, records, baseTimestampMs, baseTimestampMs + random.nextInt(1000)));
        return new Slice(array, at, size);
    }

    private static Written written(List<Added> batches, int partBytes) {
        return written(batches, StreamObjectWriter.PIECE_BYTES, partBytes);
    }

    private static Written written(List<Added> batches, int pieceBytes, int partBytes) {
        StreamObjectWriter writer = new StreamObjectWriter(ID, pieceBytes);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long position = 16;
        for (Added added : batches) {
            long at =
                    writer.add(
                            added.topicId(), added.partition(), added.baseOffset(), added.batch());
            assertThat(at).isEqualTo(position);
            position += added.batch().length();
            while (writer.readyBytes() >= partBytes) {
                take(writer, partBytes, out);
            }
        }
        ObjectRef object = writer.finish();
        while (writer.readyBytes() > 0) {
            take(writer, (int) Math.min(partBytes, writer.readyBytes()), out);
        }
        return new Written(out.toByteArray(), object);
    }

    private static void take(StreamObjectWriter writer, int sizeBytes, ByteArrayOutputStream out) {
        ObjectBody part = writer.take(sizeBytes);
        assertThat(part.sizeBytes()).isEqualTo(sizeBytes);
        ByteBuffer first = ByteBuffer.allocate(sizeBytes);
        ByteBuffer again = ByteBuffer.allocate(sizeBytes);
        part.pieces().forEach(first::put);
        part.pieces().forEach(again::put);
        assertThat(again.array()).isEqualTo(first.array());
        assertThat(first.hasRemaining()).isFalse();
        out.writeBytes(first.array());
        writer.release(part);
    }

    private static SealedObject built(List<Added> batches) {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (Added added : batches) {
            byte[] stamped = added.stamped();
            builder.add(added.topicId(), added.partition(), new Slice(stamped, 0, stamped.length));
        }
        return builder.seal(ID).object();
    }

    private static List<Added> largeBatches(Random random) {
        List<Added> batches = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            batches.add(new Added(1, 0, i, batch(100_000 + random.nextInt(300_000), 1, random)));
        }
        return batches;
    }

    @Test
    void memoryThatIsGivenBackIsUsedAgainAndNeverTooEarly() {
        for (int partBytes :
                new int[] {
                    2 * StreamObjectWriter.PIECE_BYTES,
                    StreamObjectWriter.PIECE_BYTES,
                    3 << 20,
                    700_001
                }) {
            List<Added> batches = largeBatches(new Random(partBytes));
            assertThat(written(batches, partBytes).bytes())
                    .isEqualTo(StreamObjects.bytes(built(batches)));
        }
    }

    @Test
    void theObjectDoesNotDependOnThePieceSize() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Added> batches = randomBatches(random);
            int pieceBytes = 100 + random.nextInt(3_000);

            Written written = written(batches, pieceBytes, pieceBytes * (1 + random.nextInt(4)));

            assertThat(written.bytes())
                    .as("seed %d", seed)
                    .isEqualTo(StreamObjects.bytes(built(batches)));
        }
    }

    @Test
    void releasedPiecesAreReused() {
        StreamObjectWriter writer = new StreamObjectWriter(ID);
        int partBytes = 2 * StreamObjectWriter.PIECE_BYTES;
        Iterator<Added> batches = largeBatches(new Random(1)).iterator();
        ObjectBody first = nextPart(writer, partBytes, batches);
        byte[] before = bytes(first);
        writer.release(first);
        nextPart(writer, partBytes, batches);

        assertThat(bytes(first)).isNotEqualTo(before);
    }

    private static ObjectBody nextPart(
            StreamObjectWriter writer, int partBytes, Iterator<Added> batches) {
        while (writer.readyBytes() < partBytes) {
            Added added = batches.next();
            writer.add(added.topicId(), added.partition(), added.baseOffset(), added.batch());
        }
        return writer.take(partBytes);
    }

    private static byte[] bytes(ObjectBody body) {
        ByteBuffer bytes = ByteBuffer.allocate((int) body.sizeBytes());
        body.pieces().forEach(bytes::put);
        return bytes.array();
    }

    @Test
    void theWriterProducesTheSameObjectAsTheBuilder() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Added> batches = randomBatches(random);
            SealedObject whole = built(batches);

            Written written = written(batches, 1 + random.nextInt(300_000));

            assertThat(written.object()).as("seed %d", seed).isEqualTo(whole.ref());
            assertThat(written.bytes()).as("seed %d", seed).isEqualTo(StreamObjects.bytes(whole));
        }
    }

    @Test
    void theObjectIsSoundAndHoldsTheBatchesWithTheirOffsets() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<Added> batches = randomBatches(random);

            Written written = written(batches, 5_000);

            List<byte[]> read = new ArrayList<>();
            long offsets = 0;
            for (Run run : StreamObjectVerifier.verify(ID, written.bytes())) {
                BatchCursor cursor =
                        new BatchCursor(written.bytes(), (int) run.position(), (int) run.length());
                while (cursor.next()) {
                    byte[] batch = new byte[cursor.sizeBytes()];
                    System.arraycopy(written.bytes(), cursor.position(), batch, 0, batch.length);
                    read.add(batch);
                }
                offsets += run.offsetCount();
            }
            assertThat(read)
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(batches.stream().map(Added::stamped).toList());
            assertThat(offsets)
                    .as("seed %d", seed)
                    .isEqualTo(
                            batches.stream()
                                    .mapToLong(added -> added.endOffset() - added.baseOffset())
                                    .sum());
        }
    }

    @Test
    void theBatchesThatWereAddedStayAsTheyAre() {
        Slice batch = batch(100, 3, new Random(1));
        byte[] before = batch.array().clone();

        written(List.of(new Added(1, 0, 77, batch)), 10_000);

        assertThat(batch.array()).isEqualTo(before);
    }

    @Test
    void offsetsThatAreLeftOutAreNotCounted() {
        Random random = new Random(1);
        byte[] object =
                written(
                                List.of(
                                        new Added(1, 0, 10, batch(100, 3, random)),
                                        new Added(1, 0, 50, batch(100, 4, random))),
                                10_000)
                        .bytes();

        assertThat(StreamObjectVerifier.verify(ID, object))
                .containsExactly(new Run(1, 0, 16, 200, 2, 7));
    }

    @Test
    void aBatchOutOfOrderIsRejected() {
        Slice batch = batch(100, 3, new Random(1));
        for (Added wrong :
                List.of(
                        new Added(5, 1, 12, batch),
                        new Added(5, 1, 0, batch),
                        new Added(5, 0, 13, batch),
                        new Added(4, 9, 13, batch),
                        new Added(6, 0, -1, batch))) {
            StreamObjectWriter writer = new StreamObjectWriter(ID);
            writer.add(5, 1, 10, batch);
            assertThatThrownBy(() ->
                            writer.add(
                                    wrong.topicId(), wrong.partition(), wrong.baseOffset(), batch))
                    .as(wrong.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(ID.toString());
            writer.add(5, 1, 13, batch);
            assertThat(writer.finish().indexPosition()).isEqualTo(216);
        }
    }

    @Test
    void anythingButOneBatchIsRejected() {
        Slice batch = batch(100, 3, new Random(1));
        StreamObjectWriter writer = new StreamObjectWriter(ID);
        for (Slice wrong :
                List.of(
                        batch.part(0, 99),
                        batch.part(0, 8),
                        new Slice(batch.array(), 0, batch.array().length))) {
            assertThatThrownBy(() -> writer.add(1, 0, 0, wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aWriterMakesOneSegmentOfAtLeastOneBatch() {
        assertThatThrownBy(() -> new StreamObjectWriter(StreamObjects.ID))
                .isInstanceOf(IllegalArgumentException.class);
        StreamObjectWriter writer = new StreamObjectWriter(ID);
        assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        Slice batch = batch(100, 3, new Random(1));
        writer.add(1, 0, 0, batch);
        assertThatThrownBy(() -> writer.take((int) writer.readyBytes() + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(writer.finish()).isNotNull();
        assertThatThrownBy(() -> writer.add(1, 0, 3, batch))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void offsetsOfASegmentThatDoNotRiseAreDetected() {
        Random random = new Random(1);
        for (long secondOffset : new long[] {0, 9, 12}) {
            StreamObjectBuilder builder = new StreamObjectBuilder();
            for (long offset : new long[] {10, secondOffset}) {
                byte[] stamped = new Added(1, 0, offset, batch(100, 3, random)).stamped();
                builder.add(1, 0, new Slice(stamped, 0, stamped.length));
            }
            byte[] object = StreamObjects.bytes(builder.seal(ID).object());

            assertThatThrownBy(() -> StreamObjectVerifier.verify(ID, object))
                    .isInstanceOf(Corrupt.class)
                    .hasMessageContaining("byte 116 has offset " + secondOffset);
        }
    }
}

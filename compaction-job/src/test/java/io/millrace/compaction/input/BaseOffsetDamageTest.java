package io.millrace.compaction.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.Extent;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Model test: no batch of a segment is returned with another offset than the written one. */
class BaseOffsetDamageTest {

    private static final int SEEDS = 300;
    private static final String CLUSTER = "c";
    private static final ObjectId ID = new ObjectId(ObjectId.Kind.SEGMENT, 1, 1);
    private static final long TOPIC = 5;

    @Test
    void whatIsSoundIsReadAsItWasWritten() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Segment segment = new Segment(seed);
            assertThat(segment.read()).as("seed %d", seed).isEqualTo(segment.wanted());
        }
    }

    @Test
    void aFlippedBitOfAnyBaseOffsetIsDamage() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Segment segment = new Segment(seed);
            segment.flipABitOfABaseOffset();
            isDamaged(segment, seed);
        }
    }

    @Test
    void onlyASegmentInWhichOffsetsAreMissingIsReadWithItsIndex() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Segment segment = new Segment(seed);
            segment.flipABitOfTheIndex();
            if (segment.lacksOffsets()) {
                isDamaged(segment, seed);
            } else {
                assertThat(segment.read()).as("seed %d", seed).isEqualTo(segment.wanted());
            }
        }
    }

    private static void isDamaged(Segment segment, long seed) {
        assertThatThrownBy(segment::read)
                .as("seed %d", seed)
                .isInstanceOfSatisfying(
                        DamagedInput.class, damage -> assertThat(damage.object()).isEqualTo(ID));
    }

    /** Expected position of a batch. */
    private record Batch(int partition, long baseOffset, long endOffset, long position) {}

    /** Consecutive batches in one extent. */
    private record Written(List<Batch> batches, long baseOffset, long endPosition) {

        boolean lacksOffsets() {
            long offsets = 0;
            for (Batch batch : batches) {
                offsets += batch.endOffset() - batch.baseOffset();
            }
            return offsets < batches.getLast().endOffset() - baseOffset;
        }

        Extent in(ObjectRef object) {
            long position = batches.getFirst().position();
            return new Extent(
                    baseOffset,
                    batches.getLast().endOffset() - baseOffset,
                    object,
                    position,
                    (int) (endPosition - position),
                    1_000);
        }
    }

    /** A segment with several partitions, of which some extents are read. */
    private static final class Segment {

        private final SplittableRandom random;
        private final StreamObjectWriter writer = new StreamObjectWriter(ID);
        private final List<Written> chosen = new ArrayList<>();
        private final ObjectRef object;
        private final byte[] bytes;

        Segment(long seed) {
            random = new SplittableRandom(seed);
            int partitions = 1 + random.nextInt(5);
            int sizes = 1_000 << random.nextInt(8);
            int gaps = random.nextInt(3);
            for (int partition = 0; partition < partitions; partition++) {
                write(partition, sizes, gaps);
            }
            object = writer.finish();
            bytes = all(writer.take((int) writer.readyBytes()));
        }

        private static byte[] all(ObjectBody body) {
            ByteBuffer all = ByteBuffer.allocate((int) body.sizeBytes());
            body.pieces().forEach(all::put);
            return all.array();
        }

        /** Writes extents of a partition, and selects the first and most others for reading. */
        private void write(int partition, int sizes, int gaps) {
            long offset = random.nextInt(1_000);
            for (int extents = 1 + random.nextInt(4); extents > 0; extents--) {
                long baseOffset = offset;
                long position = 0;
                List<Batch> batches = new ArrayList<>();
                for (int i = 1 + random.nextInt(6); i > 0; i--) {
                    offset += random.nextInt(gaps + 1);
                    int count = 1 + random.nextInt(5);
                    int sizeBytes = BatchHeader.BYTES + random.nextInt(sizes);
                    long at = writer.add(TOPIC, partition, offset, batch(sizeBytes, count));
                    batches.add(new Batch(partition, offset, offset + count, at));
                    offset += count;
                    position = at + sizeBytes;
                }
                if (chosen.isEmpty() || random.nextInt(4) > 0) {
                    chosen.add(new Written(batches, baseOffset, position));
                }
            }
        }

        private Slice batch(int sizeBytes, int count) {
            byte[] array = new byte[sizeBytes];
            random.nextBytes(array);
            BatchHeader.write(
                    array, 0, sizeBytes, BatchHeader.Fields.anonymous(0, count, 500, 1_000));
            return new Slice(array, 0, sizeBytes);
        }

        private void flip(long position) {
            bytes[(int) position] ^= (byte) (1 << random.nextInt(8));
        }

        /** Flips mostly one of the lowest bits, so that the offset may fall into a gap. */
        void flipABitOfABaseOffset() {
            List<Batch> all = wanted();
            Batch batch = all.get(random.nextInt(all.size()));
            if (random.nextInt(8) == 0) {
                flip(batch.position() + random.nextInt(Long.BYTES));
            } else {
                bytes[(int) batch.position() + Long.BYTES - 1] ^= (byte) (1 + random.nextInt(2));
            }
        }

        void flipABitOfTheIndex() {
            long indexBytes = object.sizeBytes() - object.indexPosition();
            flip(object.indexPosition() + random.nextInt((int) indexBytes));
        }

        boolean lacksOffsets() {
            return chosen.stream().anyMatch(Written::lacksOffsets);
        }

        List<Batch> wanted() {
            return chosen.stream().flatMap(writtenRun -> writtenRun.batches().stream()).toList();
        }

        private List<MergeRange> ranges() {
            List<MergeRange> ranges = new ArrayList<>();
            for (int partition = 0; partition < 5; partition++) {
                int wanted = partition;
                ranges.addAll(
                        MergeRange.of(
                                TOPIC,
                                partition,
                                chosen.stream()
                                        .filter(writtenRun ->
                                                writtenRun.batches().getFirst().partition()
                                                        == wanted)
                                        .map(writtenRun -> writtenRun.in(object))
                                        .toList()));
            }
            return ranges;
        }

        /** Returns all batches of the reader. */
        List<Batch> read() {
            SimulatedEventLoop loop = new SimulatedEventLoop();
            MemoryObjectStore bucket = new MemoryObjectStore();
            bucket.put(ID.key(CLUSTER), ObjectBody.of(bytes)).join();
            RangeReader reader =
                    new RangeReader(
                            bucket, RecentObjects.NONE, CLUSTER, ranges(), settings(), loop);
            reader.start();
            loop.runReady();
            List<Batch> read = new ArrayList<>();
            while (!reader.isAtEnd()) {
                RangeReader.SourceBatch found = reader.next();
                if (found == null) {
                    join(loop, reader.awaitData());
                } else {
                    read.add(
                            new Batch(
                                    found.range().partition(),
                                    found.baseOffset(),
                                    found.endOffset(),
                                    wanted().get(read.size()).position()));
                }
            }
            return read;
        }

        private static void join(SimulatedEventLoop loop, CompletableFuture<Void> more) {
            loop.runReady();
            try {
                more.join();
            } catch (CompletionException failure) {
                throw (RuntimeException) FutureFailures.unwrap(failure);
            }
        }

        /** Settings with various window sizes, none equal to the page size. */
        private MergeSettings settings() {
            return MergeWorld.windows(1L << (10 + random.nextInt(12)));
        }
    }
}

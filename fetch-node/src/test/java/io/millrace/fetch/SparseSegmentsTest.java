package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.offset.OffsetLookup.LookupPosition;
import io.millrace.metadata.offset.OffsetResult.Found;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests reads of a segment from which key compaction removed records. */
class SparseSegmentsTest {

    private static final int RECORDS = 10;
    private static final int BATCHES = 40;

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("keys", 1);

    /** Replaces a block by a segment of two extents with every fourth batch, including the last. */
    private void replaceBySparseSegment() {
        List<Written> written = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            written.add(new Written(topic, 0, world.batch(RECORDS, 5_000, 1_000 * i)));
        }
        ObjectRef block = world.write(written);
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, world.metadata.incarnation(), 0);
        StreamObjectWriter writer = new StreamObjectWriter(id);
        List<NewExtent> extents = new ArrayList<>();
        long from = 0;
        long position = -1;
        int length = 0;
        for (int i = 3; i < BATCHES; i += 4) {
            byte[] batch = written.get(i).batch();
            long at = writer.add(topic.id(), 0, i * RECORDS, new Slice(batch, 0, batch.length));
            position = position < 0 ? at : position;
            length += batch.length;
            if (i == BATCHES / 2 - 1 || i == BATCHES - 1) {
                long end = (i + 1L) * RECORDS;
                extents.add(new NewExtent(from, end, position, length, 1_000 * i));
                from = end;
                position = -1;
                length = 0;
            }
        }
        ObjectRef segment = writer.finish();
        ObjectBody body = writer.take((int) writer.readyBytes());
        assertThat(world.objects.put(id.key(FetchWorld.CLUSTER), body)).isCompleted();
        world.here.propose(
                new Command.ExtentsReplaced(
                        segment,
                        List.of(block.id()),
                        List.of(new Replacement(topic.id(), 0, extents))));
    }

    /** Returns the base offsets of the batches that a reader receives from consecutive fetches. */
    private List<Long> read(long from, int maxBytes) {
        List<Long> seen = new ArrayList<>();
        long next = from;
        while (next < BATCHES * RECORDS) {
            PartitionResult.Fetched fetched =
                    (PartitionResult.Fetched) world.fetch("keys", 0, next, maxBytes);
            byte[] batches = fetched.batches().toByteArray();
            BatchCursor cursor = new BatchCursor(batches, 0, batches.length);
            assertThat(batches).as("at offset %d", next).isNotEmpty();
            while (cursor.next()) {
                assertThat(cursor.crcMatches()).isTrue();
                seen.add(BatchHeader.baseOffset(batches, cursor.position()));
                next = seen.getLast() + cursor.offsetCount();
            }
        }
        return seen;
    }

    private static List<Long> everyFourthFrom(long first) {
        List<Long> expected = new ArrayList<>();
        for (long i = first; i < BATCHES; i += 4) {
            expected.add(i * RECORDS);
        }
        return expected;
    }

    @Test
    void offsetsStayAsTheyWere() {
        replaceBySparseSegment();
        for (int maxBytes : new int[] {1, 12_000, 1 << 20}) {
            assertThat(read(0, maxBytes)).isEqualTo(everyFourthFrom(3));
        }
    }

    @Test
    void readingInAGapReturnsTheFollowingRecords() {
        replaceBySparseSegment();
        assertThat(read(4 * RECORDS, 1 << 20)).isEqualTo(everyFourthFrom(7));
        assertThat(read(BATCHES / 2 * RECORDS, 1 << 20)).isEqualTo(everyFourthFrom(23));
    }

    @Test
    void aTimeIsFoundAtTheOffsetOfItsRecord() {
        replaceBySparseSegment();
        assertThat(world.offset("keys", 0, new LookupPosition.Time(8_000)))
                .isEqualTo(new Found(110, 11_000));
        assertThat(world.offset("keys", 0, new LookupPosition.Time(21_003)))
                .isEqualTo(new Found(230, 23_000));
    }
}

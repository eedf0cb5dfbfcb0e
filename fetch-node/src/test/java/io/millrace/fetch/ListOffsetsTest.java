package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.metadata.offset.OffsetLookup.LookupPosition;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.offset.OffsetResult.Found;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectRef;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.junit.jupiter.api.Test;

final class ListOffsetsTest {

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 1);

    private ObjectRef write(long... timestamps) {
        return world.write(batches(timestamps));
    }

    private List<Written> batches(long... timestamps) {
        return Arrays.stream(timestamps)
                .mapToObj(t -> new Written(topic, 0, world.batch(3, 30_000, t)))
                .toList();
    }

    @Test
    void theEarliestOffsetIsTheLogStart() {
        write(100, 200);
        world.metadata.trim(topic.id(), 0, 3);

        assertThat(world.offset("orders", 0, new LookupPosition.Earliest()))
                .isEqualTo(new Found(3, -1));
    }

    @Test
    void theLatestOffsetIsTheEndAfterABarrier() {
        write(100);
        world.writeElsewhere(batches(200));

        assertThat(world.offset("orders", 0, new LookupPosition.Latest()))
                .isEqualTo(new Found(6, -1));
    }

    @Test
    void aTimeFindsTheExactRecord() {
        write(100, 200, 300);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(201)))
                .isEqualTo(new Found(4, 201));
        assertThat(world.offset("orders", 0, new LookupPosition.Time(203)))
                .isEqualTo(new Found(6, 300));
        assertThat(world.offset("orders", 0, new LookupPosition.Time(0)))
                .isEqualTo(new Found(0, 100));
    }

    @Test
    void theLargestTimestampFindsItsFirstRecord() {
        assertThat(world.offset("orders", 0, new LookupPosition.MaxTimestamp()))
                .isEqualTo(new Found(0, -1));
        write(100, 300, 200, 300);
        assertThat(world.offset("orders", 0, new LookupPosition.MaxTimestamp()))
                .isEqualTo(new Found(5, 302));
    }

    @Test
    void recordsBelowTheLogStartAreNotFound() {
        write(100, 200, 50, 200);
        world.metadata.trim(topic.id(), 0, 6);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(150)))
                .isEqualTo(new Found(9, 200));
    }

    @Test
    void aTimeAfterTheLastRecordReturnsTheEnd() {
        write(100);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(1000)))
                .isEqualTo(new Found(3, -1));
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void anUnknownTopicIsReportedAfterABarrier() {
        assertThat(world.offset("nothing", 0, new LookupPosition.Earliest()))
                .isInstanceOfSatisfying(
                        OffsetResult.Failed.class,
                        f -> assertThat(f.problem().reason()).isEqualTo(Reason.UNKNOWN_TOPIC));
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void damageIsNamed() {
        ObjectRef object = write(100);
        world.damage(object, 500);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(0)))
                .isInstanceOfSatisfying(
                        OffsetResult.Failed.class,
                        f -> assertThat(f.problem().reason()).isEqualTo(Reason.CORRUPT_DATA));
    }

    /** Returns a batch of one record whose content has the given bytes, compressed. */
    private static byte[] batchOf(Compression codec, byte[] records, long timestampMs)
            throws IOException {
        ByteBufferOutputStream compressed = new ByteBufferOutputStream(1024);
        try (OutputStream out = codec.wrapForOutput(compressed, RecordBatch.MAGIC_VALUE_V2)) {
            out.write(records);
        }
        ByteBuffer content = compressed.buffer().flip();
        byte[] batch = new byte[BatchHeader.BYTES + content.remaining()];
        content.get(batch, BatchHeader.BYTES, content.remaining());
        BatchHeader.write(
                batch,
                0,
                batch.length,
                BatchHeader.Fields.anonymous(codec.type().id, 1, timestampMs, timestampMs));
        return batch;
    }

    private static byte[] claimingLength(int length) {
        ByteBuffer record = ByteBuffer.allocate(20);
        ByteUtils.writeVarint(length, record);
        return record.array();
    }

    @Test
    void aRecordThatClaimsMoreThanTheHeapHoldsCostsNoMemory() throws IOException {
        for (CompressionType type : CompressionType.values()) {
            Compression codec = Compression.of(type).build();
            FetchWorld world = new FetchWorld();
            Topic hostile = world.topic("hostile", 1);
            byte[] batch = batchOf(codec, claimingLength(Integer.MAX_VALUE - 8), 100);
            world.write(List.of(new Written(hostile, 0, batch)));

            assertThat(world.offset("hostile", 0, new LookupPosition.Time(50)))
                    .as("%s", type)
                    .isEqualTo(new Found(0, 100));
        }
    }

    @Test
    void aSnappyBlockThatClaimsMoreThanTheHeapHoldsCostsNoMemory() {
        byte[] batch = new byte[BatchHeader.BYTES + 30];
        ByteBuffer content = ByteBuffer.wrap(batch, BatchHeader.BYTES, 30);
        content.put(new byte[] {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0});
        content.putInt(1).putInt(1).putInt(500_000_000);
        BatchHeader.write(batch, 0, batch.length, BatchHeader.Fields.anonymous(2, 1, 100, 100));
        world.write(List.of(new Written(topic, 0, batch)));

        assertThat(world.offset("orders", 0, new LookupPosition.Time(50)))
                .isEqualTo(new Found(0, 100));
    }

    @Test
    void manyCachedExtentsWithWrongTimesAreSearchedWithoutADeepStack() {
        for (int i = 0; i < 3_000; i++) {
            byte[] batch = world.batch(1, 10, 100);
            // The record is of 100.
            BatchHeader.write(batch, 0, batch.length, BatchHeader.Fields.anonymous(0, 1, 100, 200));
            world.writeRecent(List.of(new Written(topic, 0, batch)));
        }

        assertThat(world.offset("orders", 0, new LookupPosition.Time(150)))
                .isEqualTo(new Found(3_000, -1));
    }
}

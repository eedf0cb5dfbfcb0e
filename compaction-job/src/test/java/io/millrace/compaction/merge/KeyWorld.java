package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ByteRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** A {@link MergeWorld} with keyed records and a reader of them. */
public final class KeyWorld {

    /** A record as a reader receives it; a missing key or value is empty. */
    public record Keyed(String key, String value, long timestampMs) {}

    public final MergeWorld world;

    public KeyWorld(long seed) {
        world = new MergeWorld(seed);
    }

    public Topic topic(String name, int partitions, Map<String, String> more) {
        Map<String, String> settings = new TreeMap<>(more);
        settings.putIfAbsent("cleanup.policy", "compact");
        return world.fixture.createTopic(name, partitions, settings);
    }

    public long nowMs() {
        return world.loop.nanoTime() / 1_000_000;
    }

    /** A record with the current time. */
    public SimpleRecord record(@Nullable String key, @Nullable String value) {
        return new SimpleRecord(nowMs(), bytes(key), bytes(value));
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    public static Batch batch(
            Topic topic, int partition, Compression with, SimpleRecord... records) {
        return new Batch(
                topic, partition, Utils.toArray(MemoryRecords.withRecords(with, records).buffer()));
    }

    public PartitionLog log(Topic topic, int partition) {
        return world.fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
    }

    public long cleanedTo(Topic topic, int partition) {
        return world.fixture.metadata().objects().cleanedTo(topic.id(), partition);
    }

    /** Reads all records of a partition from the bucket, by offset. */
    public TreeMap<Long, Keyed> read(Topic topic, int partition) {
        TreeMap<Long, Keyed> read = new TreeMap<>();
        for (RecordBatch batch : batches(topic, partition)) {
            for (Record record : batch) {
                read.put(
                        record.offset(),
                        new Keyed(text(record.key()), text(record.value()), record.timestamp()));
            }
        }
        read.headMap(log(topic, partition).logStartOffset()).clear();
        return read;
    }

    /** Reads all batches of a partition from the bucket. */
    public List<RecordBatch> batches(Topic topic, int partition) {
        List<RecordBatch> batches = new ArrayList<>();
        PartitionLog log = log(topic, partition);
        for (Extent extent : log.extents(log.logStartOffset(), Long.MAX_VALUE)) {
            byte[] bytes =
                    world.objects
                            .getRange(
                                    extent.object().id().key(MergeWorld.CLUSTER),
                                    new ByteRange(extent.position(), extent.length()))
                            .join();
            long offset = extent.baseOffset();
            BatchCursor cursor = new BatchCursor(bytes, 0, bytes.length);
            while (cursor.next()) {
                assertThat(cursor.crcMatches()).isTrue();
                if (!extent.object().id().hasBaseOffsets()) {
                    BatchHeader.setBaseOffset(bytes, cursor.position(), offset);
                }
                assertThat(BatchHeader.baseOffset(bytes, cursor.position()))
                        .isGreaterThanOrEqualTo(offset);
                offset = BatchHeader.baseOffset(bytes, cursor.position()) + cursor.offsetCount();
            }
            assertThat(offset).as("the last batch ends the extent").isEqualTo(extent.endOffset());
            MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().forEach(batches::add);
        }
        return batches;
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "" : StandardCharsets.UTF_8.decode(bytes).toString();
    }
}

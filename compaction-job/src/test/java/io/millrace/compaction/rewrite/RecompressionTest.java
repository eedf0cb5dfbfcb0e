package io.millrace.compaction.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.merge.KeyWorld;
import io.millrace.compaction.merge.KeyWorld.Keyed;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.RecordScan;
import io.millrace.storage.stream.ObjectId.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of recompression while topic settings change. */
class RecompressionTest {

    private static final String SETTING = "segment.compression";
    private static final int CRC_AT = 17;
    private static final int MAX_TIMESTAMP_AT = 35;

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    private MergeWorld.Batch lines(Topic topic) {
        SimpleRecord[] lines =
                IntStream.range(0, 500)
                        .mapToObj(i -> keys.record("k" + i, "a line of a log, and number " + i))
                        .toArray(SimpleRecord[]::new);
        return KeyWorld.batch(topic, 0, Compression.NONE, lines);
    }

    @ParameterizedTest
    @CsvSource({"zstd:9, off, ZSTD", "gzip, lz4:17, GZIP", "lz4, , LZ4", "off, zstd, NONE"})
    void aSegmentIsAsTheTopicAskedWhenItsMergeBeganAndReadsTheSame(
            String planned, @Nullable String meanwhile, CompressionType stored) {
        Topic topic = keys.topic("t", 1, Map.of("cleanup.policy", "delete", SETTING, planned));
        world.start();
        world.block(List.of(lines(topic), lines(topic)));
        TreeMap<Long, Keyed> before = keys.read(topic, 0);
        Command change =
                meanwhile == null
                        ? new Command.TopicConfigured(topic.id(), Map.of(), Set.of(SETTING))
                        : new Command.TopicConfigured(
                                topic.id(), Map.of(SETTING, meanwhile), Set.of());
        world.metadata.next(commit ->
                world.fixture
                        .metadata()
                        .propose(change, Priority.BACKGROUND)
                        .thenCompose(_ -> commit.get()));
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));

        assertThat(world.fixture.metadata().topics().named("t").orElseThrow().settings().given())
                .isNotEqualTo(topic.settings().given());
        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(keys.read(topic, 0)).isEqualTo(before).hasSize(1000);
        assertThat(keys.batches(topic, 0))
                .extracting(RecordBatch::compressionType)
                .containsOnly(stored);
    }

    @Test
    void aBatchWithARecordAboveTheLimitIsKeptWhole() {
        Topic topic = keys.topic("t", 1, Map.of("cleanup.policy", "delete", SETTING, "gzip"));
        SimpleRecord large =
                new SimpleRecord(
                        keys.nowMs(), new byte[] {'k'}, new byte[RecordScan.MAX_RECORD_BYTES]);
        world.start();
        world.block(
                List.of(
                        lines(topic),
                        KeyWorld.batch(topic, 0, Compression.zstd().build(), large),
                        lines(topic)));
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));

        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(keys.batches(topic, 0))
                .extracting(RecordBatch::compressionType)
                .containsExactly(CompressionType.GZIP, CompressionType.ZSTD, CompressionType.GZIP);
    }

    @Test
    void aBatchWithAFalseLargestTimestampStaysUnchanged() {
        Topic topic = keys.topic("t", 1, Map.of("cleanup.policy", "delete", SETTING, "zstd"));
        world.start();
        byte[] forged = lines(topic).bytes().clone();
        long falseMs = BatchHeader.maxTimestampMs(forged, 0) + 1;
        ByteBuffer.wrap(forged).putLong(MAX_TIMESTAMP_AT, falseMs);
        ByteBuffer.wrap(forged).putInt(CRC_AT, BatchHeader.computeCrc(forged, 0, forged.length));
        world.block(List.of(lines(topic), new MergeWorld.Batch(topic, 0, forged)));
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));

        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(keys.batches(topic, 0))
                .extracting(RecordBatch::compressionType)
                .containsExactly(CompressionType.ZSTD, CompressionType.NONE);
        assertThat(keys.batches(topic, 0).getLast().maxTimestamp()).isEqualTo(falseMs);
    }
}

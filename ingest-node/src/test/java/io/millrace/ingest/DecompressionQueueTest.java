package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestFixture.Reply;
import io.millrace.ingest.block.IngestSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class DecompressionQueueTest {

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final IngestFixture ingest =
            new IngestFixture(
                    IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                    loop -> tasks::add);

    private Reply produce(long connection, String topic, ByteString batch) {
        Reply reply = ingest.produce(connection, topic, 0, batch);
        ingest.pass(500);
        return reply;
    }

    private void runNext() {
        tasks.removeFirst().run();
        ingest.pass(500);
    }

    private static ByteString compressed(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return ByteString.copyFrom(
                MemoryRecords.withRecords(
                                Compression.zstd().build(),
                                new SimpleRecord(IngestFixture.START_MS, bytes, bytes))
                        .buffer());
    }

    @Test
    void blocksToDecompressLeaveOtherBlocksAThread() {
        ingest.create("compacted", 1, Map.of("cleanup.policy", "compact"));
        ingest.create("packed", 1, Map.of("compression.type", "lz4"));
        Reply first = produce(1, "compacted", compressed("a"));
        Reply second = produce(2, "compacted", compressed("b"));
        assertThat(tasks).as("one block at a time is decompressed").hasSize(1);

        Reply other = produce(3, "packed", Batches.of("c".repeat(1000)));
        assertThat(tasks).hasSize(2);

        runNext();
        assertThat(first.acknowledged().baseOffset()).isZero();
        runNext();
        runNext();
        assertThat(second.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(other.acknowledged().baseOffset()).isZero();
    }
}

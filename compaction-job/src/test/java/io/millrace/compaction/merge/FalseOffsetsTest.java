package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.RecordWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of key compaction with record offsets that contradict the header of their batch. */
class FalseOffsetsTest {

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    /** Returns a batch of two records of the key "k", as a faulty producer may send it. */
    private static byte[] falseOffsets(int secondDelta) {
        RecordWriter writer = new RecordWriter(200);
        byte[] text = {'k'};
        for (int delta : List.of(0, secondDelta)) {
            int bytes =
                    RecordWriter.startBytes(0, delta)
                            + 2 * RecordWriter.nullableBytes(1)
                            + RecordWriter.varintBytes(0);
            writer.startRecord(bytes, 0, delta);
            writer.writeNullable(text, 0, 1);
            writer.writeNullable(text, 0, 1);
            writer.writeVarint(0);
        }
        byte[] batch = new byte[writer.end()];
        System.arraycopy(writer.array(), 0, batch, 0, batch.length);
        BatchHeader.write(batch, 0, batch.length, BatchHeader.Fields.anonymous(0, 2, 1, 1));
        return batch;
    }

    private MergeWorld.Batch record(Topic topic, String value) {
        return KeyWorld.batch(topic, 0, Compression.NONE, keys.record("k", value));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000_000, 2, 0, -1, -1_000_000})
    void aFalseOffsetSupersedesNoRecordAndItsBatchIsKeptWhole(int delta) {
        // Only a topic that was not compacted accepts such a batch.
        Topic topic = keys.topic("t", 1, Map.of("cleanup.policy", "delete"));
        byte[] faulty = falseOffsets(delta);
        world.start();
        world.block(
                List.of(
                        record(topic, "old"),
                        new MergeWorld.Batch(topic, 0, faulty),
                        record(topic, "older"),
                        record(topic, "new")));
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(),
                        Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0"),
                        Set.of()));
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));

        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(5);
        List<RecordBatch> batches = new ArrayList<>(keys.batches(topic, 0));
        RecordBatch kept = batches.removeFirst();
        assertThat(kept.baseOffset()).isEqualTo(1);
        assertThat(kept.lastOffset()).isEqualTo(2);
        assertThat(kept.checksum()).isEqualTo(BatchHeader.crc(faulty, 0) & 0xffff_ffffL);
        assertThat(batches)
                .singleElement()
                .satisfies(last -> {
                    assertThat(last.baseOffset()).isEqualTo(4);
                    assertThat(last.countOrNull()).isOne();
                });
    }
}

package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that entries of the log reach the model of a compacted topic. */
final class KeyCompactionCheckTest {

    private static final long TOPIC = 1;
    private static final int RECORDS = 3;
    private static final PartitionName PLACE = new PartitionName(PartitionName.keyed(0), 0);
    private static final ObjectId BLOCK = new ObjectId(ObjectId.Kind.WAL, 7, 1);
    private static final ObjectId SEGMENT = new ObjectId(ObjectId.Kind.SEGMENT, 7, 2);

    private final Violations violations = new Violations();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final KeyedBatches content = new KeyedBatches(4);
    private final RecordCheck records =
            new RecordCheck(new SimulatedEventLoop(), new Trace(null), violations);
    private final KeyCompactionCheck check =
            new KeyCompactionCheck(
                    content,
                    bucket,
                    records,
                    new BatchIntegrityCheck(bucket, violations),
                    new FixedClocks(0),
                    violations);
    private final byte[] batch;
    private long entries;

    KeyCompactionCheckTest() {
        append(new Command.TopicCreated(PLACE.topic(), 1, Map.of("cleanup.policy", "compact")));
        batch = batch(RECORDS);
        append(
                new Command.BlockCommitted(
                        store(BLOCK, batch),
                        0,
                        List.of(
                                new BatchItem(
                                        TOPIC,
                                        0,
                                        RECORDS,
                                        0,
                                        batch.length,
                                        0,
                                        ProducerStamp.NONE))));
    }

    private byte[] batch(int count) {
        long first = records.reserveValues(PLACE, count);
        return content.batch(Stamp.NONE, 0, first, count).toByteArray();
    }

    private void append(Command command) {
        check.entry(EntryCodec.encode(new Entry(7, ++entries, List.of(command))));
    }

    private ObjectRef store(ObjectId id, byte[] bytes) {
        bucket.put(id.key(SimulatedCluster.NAME), ObjectBody.of(bytes));
        return new ObjectRef(id, bytes.length, bytes.length + 1);
    }

    private void replaceBy(byte[] bytes) {
        byte[] moved = bytes.clone();
        BatchHeader.setBaseOffset(moved, 0, 0);
        NewExtent extent = new NewExtent(0, RECORDS, 0, moved.length, 0);
        append(
                new Command.ExtentsReplaced(
                        store(SEGMENT, moved),
                        List.of(BLOCK),
                        List.of(new Replacement(TOPIC, 0, List.of(extent)))));
    }

    @Test
    void acceptsAnUnchangedBatch() {
        replaceBy(batch);

        assertThat(violations.first()).isNull();
        assertThat(records.log(PLACE)).hasSize(RECORDS);
    }

    @Test
    void detectsABatchWithOtherOffsets() {
        replaceBy(batch(RECORDS + 1));

        assertThat(violations.first()).contains("is now");
    }

    @Test
    void detectsOtherRecords() {
        replaceBy(batch(RECORDS));

        assertThat(violations.first()).isNotNull();
    }

    @Test
    void detectsATrimThatNoSettingPermits() {
        append(new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, 2))));

        assertThat(violations.first()).contains("records below must be retained");
    }
}

package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome.Appended;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class BatchIntegrityCheckTest {

    private static final int RECORDS = 3;
    private static final ObjectId BLOCK = new ObjectId(ObjectId.Kind.WAL, 7, 1);
    private static final ObjectId SEGMENT = new ObjectId(ObjectId.Kind.SEGMENT, 7, 2);

    private final Violations violations = new Violations();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final BatchIntegrityCheck check = new BatchIntegrityCheck(bucket, violations);

    private static byte[] batch(long firstNumber, long timestampMs) {
        return SimulatedBatches.batch(Stamp.NONE, timestampMs, firstNumber, RECORDS).toByteArray();
    }

    private ObjectRef store(ObjectId id, byte[] bytes) {
        bucket.put(id.key(SimulatedCluster.NAME), ObjectBody.of(bytes));
        return new ObjectRef(id, bytes.length, bytes.length + 1);
    }

    private void commit(byte[] bytes) {
        BatchItem item = new BatchItem(1, 0, RECORDS, 0, bytes.length, 0, ProducerStamp.NONE);
        check.decided(
                1,
                new Command.BlockCommitted(store(BLOCK, bytes), 0, List.of(item)),
                new Outcome.Block(List.of(new Appended(0))));
    }

    private void move(byte[] bytes) {
        NewExtent extent = new NewExtent(0, RECORDS, 0, bytes.length, 0);
        check.decided(
                2,
                new Command.ExtentsReplaced(
                        store(SEGMENT, bytes),
                        List.of(BLOCK),
                        List.of(new Replacement(1, 0, List.of(extent)))),
                new Outcome.Rows(List.of(new RowOutcome.Accepted())));
    }

    @Test
    void acceptsAnUnchangedBatch() {
        commit(batch(10, 5));
        move(batch(10, 5));

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsOtherRecords() {
        commit(batch(10, 5));
        move(batch(20, 5));

        assertThat(violations.first()).contains("is now");
    }

    @Test
    void detectsAnotherTimestamp() {
        commit(batch(10, 5));
        move(batch(10, 6));

        assertThat(violations.first()).contains("is now");
    }

    @Test
    void detectsADamagedBatch() {
        commit(batch(10, 5));
        byte[] damaged = batch(10, 5);
        damaged[damaged.length - 1] ^= 1;
        move(damaged);

        assertThat(violations.first()).contains("is damaged");
    }

    @Test
    void detectsABatchThatWasNeverStored() {
        move(batch(10, 5));

        assertThat(violations.first()).contains("where none was stored");
    }
}

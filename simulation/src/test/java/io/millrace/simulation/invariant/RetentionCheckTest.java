package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome.Appended;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches;
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

/** Tests that the check detects violations. */
final class RetentionCheckTest {

    private static final long TOPIC = 1;
    private static final long RETENTION_MS = 1000;
    private static final PartitionName PLACE = new PartitionName(PartitionName.retained(0), 0);

    private final Violations violations = new Violations();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final RecordCheck records =
            new RecordCheck(new SimulatedEventLoop(), new Trace(null), violations);
    private final FixedClocks clocks = new FixedClocks(1_000_000);
    private final RetentionCheck check = new RetentionCheck(bucket, records, clocks, violations);
    private int batches;

    private void apply(Command command, Outcome outcome) {
        check.entry(new Entry(7, 1, List.of(command)), List.of(outcome));
    }

    private void create(Map<String, String> settings) {
        apply(
                new Command.TopicCreated(PLACE.topic(), 1, settings),
                new Outcome.TopicReady(
                        new Topic(TOPIC, PLACE.topic(), 1, TopicSettings.parse(settings))));
    }

    /** Commits a batch of one record and returns the size. */
    private int commit() {
        long value = records.reserveValues(PLACE, 1);
        byte[] batch = SimulatedBatches.batch(Stamp.NONE, clocks.nowMs(), value, 1).toByteArray();
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, batches);
        bucket.put(id.key(SimulatedCluster.NAME), ObjectBody.of(batch));
        apply(
                new Command.BlockCommitted(
                        new ObjectRef(id, batch.length, batch.length + 1),
                        clocks.nowMs(),
                        List.of(
                                new BatchItem(
                                        TOPIC,
                                        0,
                                        1,
                                        0,
                                        batch.length,
                                        clocks.nowMs(),
                                        ProducerStamp.NONE))),
                new Outcome.Block(List.of(new Appended(batches++))));
        return batch.length;
    }

    private void deleteBelow(long offset) {
        apply(
                new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, offset))),
                new Outcome.Rows(List.of(new RowOutcome.Accepted())));
    }

    @Test
    void acceptsTheDeletionOfOldRecords() {
        create(Map.of("retention.ms", "1000"));
        commit();
        clocks.advance(RETENTION_MS);
        commit();
        deleteBelow(1);

        assertThat(violations.first()).isNull();
        assertThat(check.areAllDeletedByTime()).isFalse();
        assertThat(check.toString()).contains("from 1 to 2");
    }

    @Test
    void detectsTheDeletionOfARecordThatIsTooYoung() {
        create(Map.of("retention.ms", "1000"));
        commit();
        clocks.advance(RETENTION_MS - 1);
        deleteBelow(1);

        assertThat(violations.first()).contains("records below are not too old");
    }

    @Test
    void detectsADeletionWithoutALimit() {
        create(Map.of("retention.ms", "-1"));
        commit();
        clocks.advance(1L << 40);
        deleteBelow(1);

        assertThat(violations.first()).contains("records below are not too old");
    }

    @Test
    void detectsThatTheRestIsTooSmall() {
        create(Map.of("retention.ms", "-1", "retention.bytes", "150"));
        int size = commit() + commit();
        deleteBelow(1);

        assertThat(size).isGreaterThan(150);
        assertThat(violations.first()).contains("the rest has only");
    }

    @Test
    void acceptsADeletionThatLeavesTheRetainedSize() {
        create(Map.of("retention.ms", "-1", "retention.bytes", "150"));
        commit();
        commit();
        commit();
        deleteBelow(1);

        assertThat(violations.first()).isNull();
        assertThat(check.deletedBySize()).isEqualTo(1);
        assertThat(check.areAllDeletedByTime()).isTrue();
    }

    @Test
    void aTrimOnRequestNeedsNoLimit() {
        create(Map.of("retention.ms", "-1"));
        commit();
        records.trimming(new PartitionId(TOPIC, 0), 1);
        deleteBelow(1);

        assertThat(violations.first()).isNull();
    }
}

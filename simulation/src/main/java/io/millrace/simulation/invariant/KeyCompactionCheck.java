package io.millrace.simulation.invariant;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.ParsedBatch;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies the log, and passes stored or moved batches of compacted topics to the {@link
 * CompactedLogModel} of the partition.
 */
public final class KeyCompactionCheck {

    private final KeyedBatches content;
    private final ObjectStore bucket;
    private final RecordCheck records;
    private final BatchIntegrityCheck batches;
    private final CompactedLogModel.Clocks clocks;
    private final Violations violations;
    private final MetadataState state = new MetadataState(TestLevels.TWO);
    private final Map<PartitionName, CompactedLogModel> logs = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private long reportedCleanings;

    /**
     * @param bucket answers synchronously
     * @param batches runs first
     */
    public KeyCompactionCheck(
            KeyedBatches content,
            ObjectStore bucket,
            RecordCheck records,
            BatchIntegrityCheck batches,
            CompactedLogModel.Clocks clocks,
            Violations violations) {
        this.content = content;
        this.bucket = bucket;
        this.records = records;
        this.batches = batches;
        this.clocks = clocks;
        this.violations = violations;
    }

    CompactedLogModel log(PartitionName place) {
        return logs.computeIfAbsent(
                place, none -> new CompactedLogModel(place, content, clocks, violations));
    }

    public KeyedReading reading(PartitionName place) {
        return new KeyedReading(log(place), content);
    }

    public long reportedCleanings() {
        return reportedCleanings;
    }

    public long removed() {
        return logs.values().stream().mapToLong(CompactedLogModel::removed).sum();
    }

    public long tombstonesRemoved() {
        return logs.values().stream().mapToLong(CompactedLogModel::tombstonesRemoved).sum();
    }

    public void entry(byte[] bytes) {
        Entry entry = EntryCodec.decode(bytes);
        if (state.apply(entry) instanceof ApplyResult.Outcomes(List<Outcome> outcomes)) {
            for (int i = 0; i < outcomes.size(); i++) {
                batches.decided(state.entries(), entry.commands().get(i), outcomes.get(i));
                decided(entry.incarnation(), entry.commands().get(i), outcomes.get(i));
            }
        }
    }

    private void decided(long incarnation, Command command, Outcome outcome) {
        if (command instanceof Command.BlockCommitted block
                && outcome instanceof Outcome.Block(List<ItemOutcome> items)) {
            for (int i = 0; i < items.size(); i++) {
                if (items.get(i) instanceof ItemOutcome.Appended(long offset)) {
                    appended(block, block.items().get(i), offset);
                }
            }
        } else if (outcome instanceof Outcome.TopicReady(Topic topic)
                && PartitionName.isKeyed(topic.name())) {
            configured(topic);
        } else if (outcome instanceof Outcome.Rows(List<RowOutcome> rows)) {
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof RowOutcome.Accepted) {
                    counts(incarnation, command, i);
                }
            }
        }
    }

    private void configured(Topic topic) {
        names.put(topic.id(), topic.name());
        TopicSettings settings = topic.settings();
        for (int i = 0; i < topic.partitionCount(); i++) {
            log(new PartitionName(topic.name(), i))
                    .configured(
                            settings.minCompactionLagMs(),
                            settings.deleteRetentionMs(),
                            settings.deletesOldRecords() && settings.retentionMs() >= 0
                                    ? settings.retentionMs()
                                    : Long.MAX_VALUE);
        }
    }

    private void appended(Command.BlockCommitted block, BatchItem item, long offset) {
        String topic = names.get(item.topicId());
        if (topic != null) {
            PartitionName place = new PartitionName(topic, item.partition());
            List<ParsedBatch> batches =
                    content.read(read(block.object(), item.position(), item.length()), offset);
            log(place).appended(block.appendTimeMs(), batches);
            for (ParsedBatch batch : batches) {
                batch.records()
                        .forEach(record -> records.stored(place, record.offset(), record.number()));
            }
        }
    }

    private byte[] read(ObjectRef object, long position, int length) {
        return bucket.getRange(
                        object.id().key(SimulatedCluster.NAME), new ByteRange(position, length))
                .join();
    }

    private void counts(long incarnation, Command command, int row) {
        switch (command) {
            case Command.ExtentsReplaced replaced ->
                    replaced(incarnation, replaced.object(), replaced.rows().get(row));
            case Command.LogStartAdvanced advanced ->
                    advanced(incarnation, advanced.topicId(), advanced.starts().get(row));
            case Command.KeysCompacted compacted -> reportedCleanings++;
            default -> {}
        }
    }

    private void replaced(long incarnation, ObjectRef object, Replacement row) {
        String topic = names.get(row.topicId());
        if (topic == null) {
            return;
        }
        List<ParsedBatch> batches = new ArrayList<>();
        for (NewExtent extent : row.extents()) {
            List<ParsedBatch> here = content.read(read(object, extent.position(), extent.length()));
            violations.check(
                    here.getFirst().baseOffset() >= extent.baseOffset()
                            && here.getLast().endOffset() == extent.endOffset(),
                    "%s contains %s in place of offsets %d to %d of %s",
                    object.id(),
                    here,
                    extent.baseOffset(),
                    extent.endOffset(),
                    topic);
            batches.addAll(here);
        }
        log(new PartitionName(topic, row.partition()))
                .rewritten(
                        state.entries(), incarnation, row.baseOffset(), row.endOffset(), batches);
    }

    private void advanced(long incarnation, long topicId, LogStart start) {
        String topic = names.get(topicId);
        if (topic == null) {
            return;
        }
        PartitionName place = new PartitionName(topic, start.partition());
        PartitionId key = new PartitionId(topicId, start.partition());
        if (start.offset() > records.maxTrimmed(key)) {
            violations.check(
                    log(place).mayTrimTo(start.offset(), incarnation),
                    "%s starts at %d, but records below must be retained",
                    place,
                    start.offset());
            records.trimming(place, start.offset());
            records.trimming(key, start.offset());
        }
        log(place).moveLogStart(start.offset());
    }
}

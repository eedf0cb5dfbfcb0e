package io.millrace.simulation.invariant;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of the topics with retention: the size and age of every batch, by the bytes in the
 * bucket. Retention deletes only batches that are too old by the deleting node's clock, or so many
 * that the rest has the retained size.
 */
public final class RetentionCheck {

    private static final long UNLIMITED = Long.MAX_VALUE;

    private record Batch(long base, long end, int sizeBytes, long sinceMs) {}

    /** A topic, with the lowest limits that it ever had. */
    private static final class Limits {
        final String name;
        long minMs = UNLIMITED;
        long minBytes = UNLIMITED;

        Limits(String name) {
            this.name = name;
        }

        void lowerTo(TopicSettings settings) {
            if (settings.retentionMs() >= 0) {
                minMs = Math.min(minMs, settings.retentionMs());
            }
            if (settings.retentionBytes() >= 0) {
                minBytes = Math.min(minBytes, settings.retentionBytes());
            }
        }
    }

    private static final class Log {
        final List<Batch> batches = new ArrayList<>();
        long start;

        long end() {
            return batches.isEmpty() ? 0 : batches.getLast().end();
        }
    }

    private final ObjectStore bucket;
    private final RecordCheck records;
    private final CompactedLogModel.Clocks clocks;
    private final Violations violations;
    private final Map<Long, Limits> topics = new HashMap<>();
    private final Map<PartitionId, Log> logs = new HashMap<>();
    private long deletedByTime;
    private long deletedBySize;

    /**
     * @param bucket answers synchronously
     */
    public RetentionCheck(
            ObjectStore bucket,
            RecordCheck records,
            CompactedLogModel.Clocks clocks,
            Violations violations) {
        this.bucket = bucket;
        this.records = records;
        this.clocks = clocks;
        this.violations = violations;
    }

    public void entry(Entry entry, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            decided(entry.incarnation(), entry.commands().get(i), outcomes.get(i));
        }
    }

    private void decided(long incarnation, Command command, Outcome outcome) {
        if (outcome instanceof Outcome.TopicReady(Topic topic)
                && PartitionName.isRetained(topic.name())) {
            topics.computeIfAbsent(topic.id(), none -> new Limits(topic.name()))
                    .lowerTo(topic.settings());
        } else if (command instanceof Command.BlockCommitted block
                && outcome instanceof Outcome.Block(List<ItemOutcome> items)) {
            for (int i = 0; i < items.size(); i++) {
                if (items.get(i) instanceof ItemOutcome.Appended(long base)
                        && topics.containsKey(block.items().get(i).topicId())) {
                    appended(block, block.items().get(i), base);
                }
            }
        } else if (command instanceof Command.LogStartAdvanced advanced
                && outcome instanceof Outcome.Rows(List<RowOutcome> rows)
                && topics.containsKey(advanced.topicId())) {
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof RowOutcome.Accepted) {
                    advanced(incarnation, advanced.topicId(), advanced.starts().get(i));
                }
            }
        }
    }

    private Log log(PartitionId partition) {
        return logs.computeIfAbsent(partition, none -> new Log());
    }

    private PartitionName place(PartitionId partition) {
        Limits topic = topics.get(partition.topicId());
        return new PartitionName(topic == null ? "" : topic.name, partition.partition());
    }

    private void appended(Command.BlockCommitted block, BatchItem item, long base) {
        PartitionId partition = new PartitionId(item.topicId(), item.partition());
        byte[] bytes =
                bucket.getRange(
                                block.object().id().key(SimulatedCluster.NAME),
                                new ByteRange(item.position(), item.length()))
                        .join();
        long next = base;
        for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeBytes(bytes, at)) {
            long end = next + BatchHeader.offsetCount(bytes, at);
            log(partition)
                    .batches
                    .add(
                            new Batch(
                                    next,
                                    end,
                                    (int) BatchHeader.sizeBytes(bytes, at),
                                    Math.min(
                                            BatchHeader.maxTimestampMs(bytes, at),
                                            block.appendTimeMs())));
            // A record may be deleted before any reader receives it.
            SimulatedBatches.read(
                    bytes,
                    at,
                    next,
                    (offset, value, _) -> records.stored(place(partition), offset, value));
            next = end;
        }
    }

    private void advanced(long incarnation, long topicId, LogStart start) {
        PartitionId partition = new PartitionId(topicId, start.partition());
        if (start.offset() > records.maxTrimmed(partition)) {
            check(incarnation, partition, start.offset());
            records.trimming(place(partition), start.offset());
            records.trimming(partition, start.offset());
        }
        Log log = log(partition);
        log.start = Math.max(log.start, start.offset());
    }

    private void check(long incarnation, PartitionId partition, long start) {
        Log log = log(partition);
        Limits limits = topics.getOrDefault(partition.topicId(), new Limits(""));
        long nowMs = clocks.latestNowMs(incarnation);
        boolean allAreOld =
                limits.minMs != UNLIMITED
                        && log.batches.stream()
                                .filter(batch -> batch.base() < start && batch.end() > log.start)
                                .allMatch(batch -> nowMs - batch.sinceMs() >= limits.minMs);
        long keptBytes =
                log.batches.stream()
                        .filter(batch -> batch.base() >= start)
                        .mapToLong(Batch::sizeBytes)
                        .sum();
        boolean isRestLargeEnough = limits.minBytes != UNLIMITED && keptBytes >= limits.minBytes;
        violations.check(
                allAreOld || isRestLargeEnough,
                "%s starts at %d after retention, but records below are not too old, and the rest"
                        + " has only %d bytes",
                place(partition),
                start,
                keptBytes);
        if (allAreOld) {
            deletedByTime += start - log.start;
        } else {
            deletedBySize += start - log.start;
        }
    }

    /** Returns whether every record of the topics with a time limit is deleted. */
    public boolean areAllDeletedByTime() {
        return logs.entrySet().stream()
                .allMatch(log -> log.getValue().start == log.getValue().end() || !hasTime(log));
    }

    private boolean hasTime(Map.Entry<PartitionId, Log> log) {
        Limits limits = topics.get(log.getKey().topicId());
        return limits != null && limits.minMs != UNLIMITED;
    }

    public long deletedByTime() {
        return deletedByTime;
    }

    public long deletedBySize() {
        return deletedBySize;
    }

    @Override
    public String toString() {
        List<String> left = new ArrayList<>();
        logs.forEach((partition, log) ->
                left.add("%s from %d to %d".formatted(place(partition), log.start, log.end())));
        return "records that retention does not delete: " + left;
    }
}

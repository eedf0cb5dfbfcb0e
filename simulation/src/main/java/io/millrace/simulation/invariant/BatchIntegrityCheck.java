package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.record.internal.CompressionType;
import org.jspecify.annotations.Nullable;

/**
 * Checks each sound batch after the commit and after every move. Records stay unchanged. A
 * recompressed batch is smaller, with a codec of the topic at some time since the commit.
 */
public final class BatchIntegrityCheck {

    private record At(PartitionId partition, long offset) {}

    /** The codec of a topic from an entry on; empty for none. */
    private record TopicCodec(long entry, Optional<CompressionType> codec) {}

    private static final class Known {
        final long entry;
        final StoredBatch first;
        StoredBatch last;

        Known(long entry, StoredBatch first) {
            this.entry = entry;
            this.first = first;
            this.last = first;
        }
    }

    private final ObjectStore bucket;
    private final Violations violations;
    private final Map<At, Known> batches = new HashMap<>();
    private final Map<Long, String> keyed = new HashMap<>();
    private final Set<Long> malformed = new HashSet<>();
    private final Map<Long, List<TopicCodec>> topicCodecs = new HashMap<>();
    private long recompressed;
    private long recompressedByKey;
    private long recompressedLate;

    /**
     * @param bucket answers synchronously
     */
    public BatchIntegrityCheck(ObjectStore bucket, Violations violations) {
        this.bucket = bucket;
        this.violations = violations;
    }

    public long recompressed() {
        return recompressed;
    }

    /** Returns how many batches changed the codec during the removal of records. */
    public long recompressedByKey() {
        return recompressedByKey;
    }

    /** Returns how many batches received a codec that the topic no longer had. */
    public long recompressedLate() {
        return recompressedLate;
    }

    void decided(long entry, Command command, Outcome outcome) {
        if (command instanceof Command.BlockCommitted block
                && outcome instanceof Outcome.Block(List<ItemOutcome> items)) {
            for (int i = 0; i < items.size(); i++) {
                if (items.get(i) instanceof ItemOutcome.Appended(long offset)
                        && !malformed.contains(block.items().get(i).topicId())) {
                    var item = block.items().get(i);
                    byte[] bytes = read(block.object(), item.position(), item.length());
                    PartitionId partition = new PartitionId(item.topicId(), item.partition());
                    appended(entry, partition, bytes, offset);
                }
            }
        } else if (outcome instanceof Outcome.TopicReady(Topic topic)) {
            configured(entry, topic);
        } else if (command instanceof Command.ExtentsReplaced replaced
                && outcome instanceof Outcome.Rows(List<RowOutcome> rows)) {
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof RowOutcome.Accepted
                        && !malformed.contains(replaced.rows().get(i).topicId())) {
                    replaced(entry, replaced.object(), replaced.rows().get(i));
                }
            }
        }
    }

    private void configured(long entry, Topic topic) {
        if (PartitionName.isKeyed(topic.name())) {
            keyed.put(topic.id(), topic.name());
        }
        if (PartitionName.isMalformed(topic.name())) {
            malformed.add(topic.id());
        }
        Optional<CompressionType> codec =
                topic.settings()
                        .segmentCompression()
                        .map(wanted -> CompressionType.forId(wanted.codec().codec().id()));
        topicCodecs
                .computeIfAbsent(topic.id(), none -> new ArrayList<>())
                .add(new TopicCodec(entry, codec));
    }

    private byte[] read(ObjectRef object, long position, int length) {
        return bucket.getRange(
                        object.id().key(SimulatedCluster.NAME), new ByteRange(position, length))
                .join();
    }

    private void appended(long entry, PartitionId partition, byte[] bytes, long offset) {
        long next = offset;
        for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeBytes(bytes, at)) {
            StoredBatch batch = batch(partition, bytes, at, next);
            if (batch != null) {
                batches.put(new At(partition, next), new Known(entry, batch));
            }
            next += BatchHeader.offsetCount(bytes, at);
        }
    }

    private void replaced(long entry, ObjectRef object, Replacement row) {
        PartitionId partition = new PartitionId(row.topicId(), row.partition());
        for (NewExtent extent : row.extents()) {
            byte[] bytes = read(object, extent.position(), extent.length());
            for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeBytes(bytes, at)) {
                long base = BatchHeader.baseOffset(bytes, at);
                Known known = batches.get(new At(partition, base));
                violations.check(
                        known != null,
                        "%s contains a batch at offset %d of %s, where none was stored",
                        object.id(),
                        base,
                        partition);
                StoredBatch now = batch(partition, bytes, at, base);
                if (known != null && now != null) {
                    replaced(entry, partition, known, now);
                }
            }
        }
    }

    private void replaced(long entry, PartitionId partition, Known known, StoredBatch now) {
        StoredBatch before = known.last;
        known.last = now;
        boolean isKeyed = keyed.containsKey(partition.topicId());
        violations.check(
                now.isOf(known.first) && (isKeyed || now.records() == known.first.records()),
                "%s of %s is now %s",
                known.first,
                partition,
                now);
        boolean rewritten = isKeyed ? now.codec() != before.codec() : now.crc() != before.crc();
        if (!rewritten || now.recordCount() == 0) {
            return;
        }
        violations.check(
                wasConfigured(partition, now.codec(), known.entry),
                "%s of %s is now %s, but the topic was only configured with %s",
                before,
                partition,
                now,
                topicCodecs.get(partition.topicId()));
        boolean whole = now.recordCount() == before.recordCount();
        violations.check(
                isKeyed || now.sizeBytes() < before.sizeBytes(),
                "%s of %s was recompressed to %s",
                before,
                partition,
                now);
        recompressed += whole ? 1 : 0;
        recompressedByKey += whole ? 0 : 1;
        recompressedLate += wasConfigured(partition, now.codec(), entry) ? 0 : 1;
    }

    /** Returns whether the topic had the codec at an entry or later. */
    private boolean wasConfigured(PartitionId partition, CompressionType codec, long since) {
        List<TopicCodec> all = topicCodecs.getOrDefault(partition.topicId(), List.of());
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).codec().equals(Optional.of(codec))) {
                return true;
            }
            if (all.get(i).entry() <= since) {
                return false;
            }
        }
        return false;
    }

    private @Nullable StoredBatch batch(PartitionId partition, byte[] bytes, int at, long base) {
        try {
            return StoredBatch.of(bytes, at, base, keyed.containsKey(partition.topicId()));
        } catch (RuntimeException broken) {
            violations.add(
                    "the batch at offset %d of %s is damaged: %s"
                            .formatted(base, partition, broken));
            return null;
        }
    }
}

package io.millrace.compaction.key;

import io.millrace.compaction.input.RangeReader;
import io.millrace.compaction.rewrite.BatchRecords;
import io.millrace.compaction.rewrite.BatchRewrite;
import io.millrace.storage.stream.Slice;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.Record;

/**
 * Removes superseded records and expired tombstones. A tombstone whose older records are removed
 * gets a delete horizon (KIP-534), so that readers from the start receive the tombstone. Records
 * without a key and undecodable batches are kept. Called on the executor.
 */
final class KeyFilter implements BatchRewrite {

    private final KeyOffsetTable keys;
    private final Map<Integer, Long> scannedTo;
    private final Map<Integer, Long> cleanedTo;
    private final Optional<Compression> compression;
    private final Optional<InstantSource> clock;
    private final long deleteRetentionMs;

    /**
     * @param upTo for each partition, the offset below which all keys are in the table
     * @param cleanedTo for each partition, the offset below which no key had two records before the
     *     run
     * @param compression for changed batches; empty to keep the present type
     * @param clock read per batch, because deleted records stay readable until their segment is
     *     committed; empty to set no delete horizon and keep all tombstones
     */
    KeyFilter(
            KeyOffsetTable keys,
            Map<Integer, Long> upTo,
            Map<Integer, Long> cleanedTo,
            Optional<Compression> compression,
            Optional<InstantSource> clock,
            long deleteRetentionMs) {
        this.keys = keys;
        this.scannedTo = Map.copyOf(upTo);
        this.cleanedTo = Map.copyOf(cleanedTo);
        this.compression = compression;
        this.clock = clock;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    private static final class BatchChanges {
        boolean removesRecords;
        boolean keepsTombstone;
    }

    @Override
    public Slice rewrite(RangeReader.SourceBatch batch) {
        int partition = batch.range().partition();
        long known = scannedTo.getOrDefault(partition, 0L);
        if (batch.baseOffset() >= known) {
            return batch.bytes();
        }
        try {
            return rewrite(batch, partition, known);
        } catch (RuntimeException undecodable) {
            // Kafka's library throws several exception types for undecodable bytes.
            return batch.bytes();
        }
    }

    private Slice rewrite(RangeReader.SourceBatch batch, int partition, long known) {
        BatchRecords records = new BatchRecords(batch);
        if (records.isControlBatch()) {
            return batch.bytes();
        }
        OptionalLong nowMs = clock.stream().mapToLong(InstantSource::millis).findFirst();
        boolean wasClean = batch.endOffset() <= cleanedTo.getOrDefault(partition, 0L);
        OptionalLong horizon = wasClean ? records.deleteHorizonMs() : OptionalLong.empty();
        boolean over =
                horizon.isPresent()
                        && nowMs.isPresent()
                        && horizon.getAsLong() <= nowMs.getAsLong();
        BatchChanges validated = new BatchChanges();
        records.forEach(record -> {
            if (!isKept(record, partition, known, over)) {
                validated.removesRecords = true;
            } else if (record.hasKey() && !record.hasValue()) {
                validated.keepsTombstone = true;
            }
        });
        OptionalLong next =
                validated.keepsTombstone && batch.endOffset() <= known
                        ? (horizon.isPresent() ? horizon : horizonFrom(nowMs))
                        : OptionalLong.empty();
        if (!validated.removesRecords && next.equals(records.deleteHorizonMs())) {
            return batch.bytes();
        }
        Predicate<Record> kept = record -> isKept(record, partition, known, over);
        Slice asItArrived = records.filtered(kept, records.compression(), next);
        return compression
                .map(wanted -> records.filtered(kept, wanted, next))
                .filter(asWanted -> asWanted.length() < asItArrived.length())
                .orElse(asItArrived);
    }

    /** Returns empty without a time or for an overflow, so that tombstones are kept. */
    private OptionalLong horizonFrom(OptionalLong nowMs) {
        return nowMs.isPresent() && deleteRetentionMs <= Long.MAX_VALUE - nowMs.getAsLong()
                ? OptionalLong.of(nowMs.getAsLong() + deleteRetentionMs)
                : OptionalLong.empty();
    }

    private boolean isKept(Record record, int partition, long known, boolean tombstonesAreOver) {
        if (!record.hasKey() || record.offset() >= known) {
            return true;
        }
        if (tombstonesAreOver && !record.hasValue()) {
            return false;
        }
        return keys.newestOffset(keys.hash(partition, record.key())) <= record.offset();
    }
}

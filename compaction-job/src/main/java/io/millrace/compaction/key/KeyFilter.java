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
 * Removes records of which a newer one with the same key is known, and tombstones whose time is
 * over. A tombstone that has outlived all that it deletes says when it may go (KIP-534), so that
 * whoever reads from the start has {@code delete.retention.ms} to meet it. Records without a key,
 * and what cannot be decoded, stay. Called on the executor.
 */
final class KeyFilter implements BatchRewrite {

    private final KeyOffsetTable keys;
    private final Map<Integer, Long> upTo;
    private final Map<Integer, Long> cleanedTo;
    private final Optional<Compression> compression;
    private final InstantSource clock;
    private final long deleteRetentionMs;

    /**
     * @param upTo for each partition, below which offset all keys are known
     * @param cleanedTo for each partition, below which offset no key had two records before
     * @param compression of batches that change; empty for that which they have
     * @param clock is asked batch by batch: what a tombstone deletes in a segment before its own is
     *     there until that one is in the log, and the time of the tombstone begins later
     */
    KeyFilter(
            KeyOffsetTable keys,
            Map<Integer, Long> upTo,
            Map<Integer, Long> cleanedTo,
            Optional<Compression> compression,
            InstantSource clock,
            long deleteRetentionMs) {
        this.keys = keys;
        this.upTo = Map.copyOf(upTo);
        this.cleanedTo = Map.copyOf(cleanedTo);
        this.compression = compression;
        this.clock = clock;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    /** What the records of a batch have to say about its rewriting. */
    private static final class Judged {
        boolean loses;
        boolean keepsTombstone;
    }

    @Override
    public Slice of(RangeReader.Found batch) {
        int partition = batch.range().partition();
        long known = upTo.getOrDefault(partition, 0L);
        if (batch.baseOffset() >= known) {
            return batch.bytes();
        }
        try {
            return of(batch, partition, known);
        } catch (RuntimeException undecodable) {
            // The library throws half a dozen types for bytes that are not records.
            return batch.bytes();
        }
    }

    private Slice of(RangeReader.Found batch, int partition, long known) {
        BatchRecords records = new BatchRecords(batch);
        if (records.areMarkers()) {
            return batch.bytes();
        }
        long nowMs = clock.millis();
        boolean wasClean = batch.endOffset() <= cleanedTo.getOrDefault(partition, 0L);
        OptionalLong horizon = wasClean ? records.deleteHorizonMs() : OptionalLong.empty();
        boolean over = horizon.isPresent() && horizon.getAsLong() <= nowMs;
        Judged validated = new Judged();
        records.forEach(record -> {
            if (!stays(record, partition, known, over)) {
                validated.loses = true;
            } else if (record.hasKey() && !record.hasValue()) {
                validated.keepsTombstone = true;
            }
        });
        OptionalLong next =
                validated.keepsTombstone && batch.endOffset() <= known
                        ? (horizon.isPresent() ? horizon : horizonFrom(nowMs))
                        : OptionalLong.empty();
        if (!validated.loses && next.equals(records.deleteHorizonMs())) {
            return batch.bytes();
        }
        Predicate<Record> kept = record -> stays(record, partition, known, over);
        Slice asItArrived = records.only(kept, records.compression(), next);
        return compression
                .map(wanted -> records.only(kept, wanted, next))
                .filter(asWanted -> asWanted.length() < asItArrived.length())
                .orElse(asItArrived);
    }

    /** None if no long can say it: then a tombstone stays, and its batch as it is. */
    private OptionalLong horizonFrom(long nowMs) {
        return deleteRetentionMs <= Long.MAX_VALUE - nowMs
                ? OptionalLong.of(nowMs + deleteRetentionMs)
                : OptionalLong.empty();
    }

    private boolean stays(Record record, int partition, long known, boolean tombstonesAreOver) {
        if (!record.hasKey() || record.offset() >= known) {
            return true;
        }
        if (tombstonesAreOver && !record.hasValue()) {
            return false;
        }
        return keys.newest(keys.key(partition, record.key())) <= record.offset();
    }
}

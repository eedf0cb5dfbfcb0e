package io.millrace.simulation.invariant;

import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.ParsedBatch;
import io.millrace.simulation.workload.KeyedBatches.ParsedRecord;
import io.millrace.simulation.world.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model of one partition of a compacted topic, with all records ever written. Checks every
 * rewrite of a range and every read.
 */
public final class CompactedLogModel {

    /** The bounds of the nodes' clocks over the whole run, in milliseconds since 1970. */
    public interface Clocks {
        long nowMs();

        long earliest(long trueMs);

        long latest(long trueMs);

        /** Returns the latest time that the node of an incarnation may have read by now. */
        long latestNowMs(long incarnation);
    }

    private final RecordCheck.PartitionName place;
    private final KeyedBatches content;
    private final Clocks clocks;
    private final Violations violations;
    private final List<KeyedRecord> all = new ArrayList<>();
    private final Map<Integer, List<KeyedRecord>> byKey = new HashMap<>();
    private long logStart;
    private final RemovalCheck removals;
    private long minRetentionMs = Long.MAX_VALUE;
    private long removed;
    private long tombstonesRemoved;

    CompactedLogModel(
            RecordCheck.PartitionName place,
            KeyedBatches content,
            Clocks clocks,
            Violations violations) {
        this.place = place;
        this.content = content;
        this.clocks = clocks;
        this.violations = violations;
        removals = new RemovalCheck(place, clocks, violations);
    }

    /**
     * Adds settings of the topic. Older settings stay permitted, because runs in progress use them.
     */
    void configured(long lagMs, long deleteRetentionMs, long retentionMs) {
        removals.configured(lagMs, deleteRetentionMs);
        minRetentionMs = Math.min(minRetentionMs, retentionMs);
    }

    long end() {
        return all.size();
    }

    long removed() {
        return removed;
    }

    /** Returns how many tombstones were removed without a newer record of the key. */
    long tombstonesRemoved() {
        return tombstonesRemoved;
    }

    /**
     * @param sealedMs the time of the block by the clock of the node that sealed it
     */
    void appended(long sealedMs, List<ParsedBatch> batches) {
        for (ParsedBatch batch : batches) {
            for (ParsedRecord found : batch.records()) {
                violations.check(
                        found.offset() == end() && found.isAsSent(),
                        "%s has at its end offset %d the wrong record: %s",
                        place,
                        end(),
                        found);
                KeyedRecord kept =
                        new KeyedRecord(
                                found, content.key(found.number()), sealedMs, clocks.nowMs());
                all.add(kept);
                byKey.computeIfAbsent(kept.key, none -> new ArrayList<>()).add(kept);
            }
        }
    }

    void moveLogStart(long offset) {
        logStart = Math.max(logStart, offset);
    }

    /**
     * Returns whether all present records below an offset are older than the retention time, by the
     * clock of the incarnation that trims.
     */
    boolean mayTrimTo(long offset, long incarnation) {
        return all.subList((int) Math.min(logStart, offset), (int) offset).stream()
                .filter(KeyedRecord::isPresent)
                .allMatch(record -> {
                    long since = Math.min(record.timestampMs, record.sealedMs);
                    return clocks.latestNowMs(incarnation) - since >= minRetentionMs;
                });
    }

    /**
     * @param entry the entry that moved the range
     * @param incarnation the incarnation whose clock decided the removals
     */
    void rewritten(long entry, long incarnation, long from, long to, List<ParsedBatch> batches) {
        long begin = Math.max(from, logStart);
        Set<Long> there = new HashSet<>();
        long next = from;
        for (ParsedBatch batch : batches) {
            violations.check(
                    batch.baseOffset() >= next && batch.endOffset() > batch.baseOffset(),
                    "a batch of %s is at %d, after one that ends at %d",
                    place,
                    batch.baseOffset(),
                    next);
            next = batch.endOffset();
            for (ParsedRecord found : batch.records()) {
                if (found.offset() >= begin && isPresentRecord(found, batch)) {
                    there.add(found.offset());
                    KeyedRecord kept = all.get((int) found.offset());
                    if (kept.horizonMs != batch.horizonMs()) {
                        kept.horizonMs = batch.horizonMs();
                        kept.horizonEntry = entry;
                    }
                }
            }
        }
        violations.check(
                next == to, "the rewritten range %s to %d of %s ends at %d", from, to, place, next);
        List<KeyedRecord> gone =
                all.subList((int) begin, (int) to).stream()
                        .filter(record -> record.isPresent() && !there.contains(record.offset))
                        .toList();
        for (KeyedRecord record : gone) {
            record.removedEntry = entry;
            record.removedMs = clocks.nowMs();
        }
        gone.forEach(record -> removed(record, clocks.latestNowMs(incarnation)));
        removed += gone.size();
    }

    private void removed(KeyedRecord record, long latestMs) {
        List<KeyedRecord> ofKey = byKey.getOrDefault(record.key, List.of());
        int place = ofKey.indexOf(record);
        boolean forGood =
                removals.checkRemoval(
                        record,
                        latestMs,
                        ofKey.subList(0, place),
                        ofKey.subList(place + 1, ofKey.size()),
                        logStart);
        tombstonesRemoved += forGood ? 1 : 0;
    }

    private boolean isPresentRecord(ParsedRecord found, ParsedBatch in) {
        boolean right =
                found.offset() >= in.baseOffset()
                        && found.offset() < Math.min(in.endOffset(), end())
                        && all.get((int) found.offset()).is(found)
                        && all.get((int) found.offset()).isPresent();
        violations.check(
                right, "%s was written to %s, where no such record is present", found, place);
        return right;
    }

    void checkRead(int node, ParsedRecord found) {
        violations.check(
                found.offset() < end() && all.get((int) found.offset()).is(found),
                "a reader of %s on node %d received a wrong record: %s",
                place,
                node,
                found);
    }

    /** Checks that a record is absent, since a reader received only later records. */
    void checkAbsent(int node, long offset) {
        violations.check(
                offset < logStart || (offset < end() && !all.get((int) offset).isPresent()),
                "a reader of %s on node %d did not receive %s, which is present",
                place,
                node,
                offset < end() ? all.get((int) offset) : offset);
    }

    /**
     * Checks the result of a reader that has read the whole partition.
     *
     * @param newest the last received offset of each key
     */
    void checkComplete(int node, long start, Map<Integer, Long> newest) {
        byKey.forEach((key, ofKey) -> {
            KeyedRecord last = ofKey.getLast();
            Long met = newest.get(key);
            if (last.offset < Math.max(start, logStart) || (met == null && last.tombstone)) {
                return;
            }
            boolean isOver =
                    last.tombstone
                            && !last.isPresent()
                            && removals.isExpired(last, clocks.latest(clocks.nowMs()));
            violations.check(
                    isOver || (met != null && met == last.offset),
                    "a reader on node %d that read all of %s has offset %d of a key whose newest record is %s",
                    node,
                    place,
                    met,
                    last);
        });
    }
}

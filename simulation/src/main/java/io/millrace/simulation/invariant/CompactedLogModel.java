package io.millrace.simulation.invariant;

import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.Batch;
import io.millrace.simulation.workload.KeyedBatches.Found;
import io.millrace.simulation.world.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was ever in a partition of a compacted topic, and what of it is there still: checked
 * whenever a part of it is written anew, and whenever somebody reads.
 */
public final class CompactedLogModel {

    /** How wrong the clocks of nodes may be, or have been. */
    public interface Clocks {
        /** The true time, in milliseconds since 1970. */
        long nowMs();

        /** What the clock that is farthest behind says at a true time. */
        long earliest(long trueMs);

        /** What the clock that is farthest ahead says at a true time. */
        long latest(long trueMs);
    }

    private final RecordCheck.Place place;
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
            RecordCheck.Place place, KeyedBatches content, Clocks clocks, Violations violations) {
        this.place = place;
        this.content = content;
        this.clocks = clocks;
        this.violations = violations;
        removals = new RemovalCheck(place, clocks, violations);
    }

    /** These hold too from now on; what was begun under others goes on under those. */
    void configured(long lagMs, long deleteRetentionMs, long retentionMs) {
        removals.configured(lagMs, deleteRetentionMs);
        minRetentionMs = Math.min(minRetentionMs, retentionMs);
    }

    /** The offset behind the last record. */
    long end() {
        return all.size();
    }

    /** How many records are gone because of their keys. */
    long removed() {
        return removed;
    }

    /** How many of those have deleted a key, and nothing came behind. */
    long tombstonesRemoved() {
        return tombstonesRemoved;
    }

    /** Batches came into the log. */
    void appended(List<Batch> batches) {
        for (Batch batch : batches) {
            for (Found found : batch.records()) {
                violations.check(
                        found.offset() == end() && found.isAsSent(),
                        "%s has at its end, which is %d, %s",
                        place,
                        end(),
                        found);
                KeyedRecord kept =
                        new KeyedRecord(found, content.key(found.number()), clocks.nowMs());
                all.add(kept);
                byKey.computeIfAbsent(kept.key, none -> new ArrayList<>()).add(kept);
            }
        }
    }

    /** It begins there. */
    void beginsAt(long offset) {
        logStart = Math.max(logStart, offset);
    }

    /**
     * Whether all below an offset is so old that it need not be kept, whatever its keys; but for
     * what is gone already.
     */
    boolean mayEndOf(long offset) {
        return all.subList((int) Math.min(logStart, offset), (int) offset).stream()
                .filter(KeyedRecord::isThere)
                .allMatch(one -> {
                    long since = Math.min(one.timestampMs, clocks.earliest(one.writtenMs));
                    return clocks.latest(clocks.nowMs()) - since >= minRetentionMs;
                });
    }

    /**
     * A range of it lies elsewhere from now on.
     *
     * @param entry with which it came there
     * @param batches what lies there
     */
    void rewritten(long entry, long from, long to, List<Batch> batches) {
        long begin = Math.max(from, logStart);
        Set<Long> there = new HashSet<>();
        long next = from;
        for (Batch batch : batches) {
            violations.check(
                    batch.baseOffset() >= next && batch.endOffset() > batch.baseOffset(),
                    "a batch of %s is at %d, behind one that ends at %d",
                    place,
                    batch.baseOffset(),
                    next);
            next = batch.endOffset();
            for (Found found : batch.records()) {
                if (found.offset() >= begin && isRight(found, batch)) {
                    there.add(found.offset());
                    KeyedRecord kept = all.get((int) found.offset());
                    if (kept.horizonMs != batch.horizonMs()) {
                        kept.horizonMs = batch.horizonMs();
                        kept.horizonEntry = entry;
                    }
                }
            }
        }
        violations.check(next == to, "%s to %d of %s ends at %d", from, to, place, next);
        List<KeyedRecord> gone =
                all.subList((int) begin, (int) to).stream()
                        .filter(one -> one.isThere() && !there.contains(one.offset))
                        .toList();
        for (KeyedRecord one : gone) {
            one.goneEntry = entry;
            one.goneMs = clocks.nowMs();
        }
        gone.forEach(this::removed);
        removed += gone.size();
    }

    private void removed(KeyedRecord one) {
        List<KeyedRecord> ofKey = byKey.getOrDefault(one.key, List.of());
        int place = ofKey.indexOf(one);
        boolean forGood =
                removals.removed(
                        one,
                        ofKey.subList(0, place),
                        ofKey.subList(place + 1, ofKey.size()),
                        logStart);
        tombstonesRemoved += forGood ? 1 : 0;
    }

    private boolean isRight(Found found, Batch in) {
        boolean right =
                found.offset() >= in.baseOffset()
                        && found.offset() < Math.min(in.endOffset(), end())
                        && all.get((int) found.offset()).is(found)
                        && all.get((int) found.offset()).isThere();
        violations.check(right, "%s came into %s, which is not there", found, place);
        return right;
    }

    /** A reader got a record. */
    void served(int node, Found found) {
        violations.check(
                found.offset() < end() && all.get((int) found.offset()).is(found),
                "a reader of %s at node %d got %s",
                place,
                node,
                found);
    }

    /** A reader got what is behind an offset, and not what is there. */
    void passedOver(int node, long offset) {
        violations.check(
                offset < logStart || (offset < end() && !all.get((int) offset).isThere()),
                "a reader of %s at node %d did not get %s, which is there",
                place,
                node,
                offset < end() ? all.get((int) offset) : offset);
    }

    /**
     * A reader has read all that there is.
     *
     * @param start its first offset
     * @param newest the last offset that it got of each key
     */
    void readToTheEnd(int node, long start, Map<Integer, Long> newest) {
        byKey.forEach((key, ofKey) -> {
            KeyedRecord last = ofKey.getLast();
            Long met = newest.get(key);
            if (last.offset < Math.max(start, logStart) || (met == null && last.tombstone)) {
                return;
            }
            boolean isOver = last.tombstone && !last.isThere() && removals.isOver(last);
            violations.check(
                    isOver || (met != null && met == last.offset),
                    "a reader at node %d that read all of %s has offset %d of a key whose newest is %s",
                    node,
                    place,
                    met,
                    last);
        });
    }
}

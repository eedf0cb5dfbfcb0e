package io.millrace.simulation.invariant;

import io.millrace.simulation.world.Violations;
import java.util.List;

/** Says whether a record of a compacted topic may be gone, by its key or for good. */
final class RemovalCheck {

    private final RecordCheck.Place place;
    private final CompactedLogModel.Clocks clocks;
    private final Violations violations;
    private long minLagMs = Long.MAX_VALUE;
    private long minDeleteRetentionMs = Long.MAX_VALUE;

    RemovalCheck(RecordCheck.Place place, CompactedLogModel.Clocks clocks, Violations violations) {
        this.place = place;
        this.clocks = clocks;
        this.violations = violations;
    }

    /** These hold too from now on; what was begun under others goes on under those. */
    void configured(long lagMs, long deleteRetentionMs) {
        minLagMs = Math.min(minLagMs, lagMs);
        minDeleteRetentionMs = Math.min(minDeleteRetentionMs, deleteRetentionMs);
    }

    /** Whether a tombstone has been there for as long as it must, whatever it deletes. */
    boolean isOver(KeyedRecord tombstone) {
        return clocks.latest(clocks.nowMs())
                >= clocks.earliest(tombstone.writtenMs) + minDeleteRetentionMs;
    }

    /**
     * A record was removed.
     *
     * @param older those of its key before it
     * @param newer those of its key behind it
     * @param logStart below it everything may go
     * @return whether nothing says any more that there was such a key
     */
    boolean removed(
            KeyedRecord one, List<KeyedRecord> older, List<KeyedRecord> newer, long logStart) {
        long nowMs = clocks.latest(clocks.nowMs());
        violations.check(
                nowMs - one.timestampMs >= minLagMs,
                "%s of %s is of %d and gone at %d, and stays for %d ms",
                one,
                place,
                one.timestampMs,
                nowMs,
                minLagMs);
        // What is too young to go itself was not looked at either.
        if (newer.stream().anyMatch(KeyedRecord::isThere)
                && newer.stream().anyMatch(other -> nowMs - other.timestampMs >= minLagMs)) {
            return false;
        }
        violations.check(
                one.tombstone && one.horizonMs != KeyedRecord.NEVER,
                "%s of %s is gone, and nothing newer is there that could replace it: %s",
                one,
                place,
                newer);
        violations.check(
                nowMs >= one.horizonMs && isOver(one),
                "%s of %s, which came at %d, is gone at %d, and stays until %d",
                one,
                place,
                one.writtenMs,
                nowMs,
                one.horizonMs);
        older.stream()
                .filter(other -> other.offset >= logStart)
                .forEach(other -> wentInTime(other, one));
        return true;
    }

    /** What is deleted must go first, and long enough before what deletes it. */
    private void wentInTime(KeyedRecord one, KeyedRecord tombstone) {
        violations.check(!one.isThere(), "%s of %s outlives %s", one, place, tombstone);
        violations.check(
                one.goneEntry <= tombstone.horizonEntry,
                "%s of %s went with entry %d, and the time of %s began with entry %d",
                one,
                place,
                one.goneEntry,
                tombstone,
                tombstone.horizonEntry);
        violations.check(
                one.goneEntry == tombstone.horizonEntry
                        || tombstone.horizonMs
                                >= clocks.earliest(one.goneMs) + minDeleteRetentionMs,
                "%s of %s went at %d, and %s may go at %d already",
                one,
                place,
                one.goneMs,
                tombstone,
                tombstone.horizonMs);
    }
}

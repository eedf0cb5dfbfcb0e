package io.millrace.simulation.invariant;

import io.millrace.simulation.world.Violations;
import java.util.List;

/** Checks that a record of a compacted topic was removed legitimately. */
final class RemovalCheck {

    private final RecordCheck.PartitionName place;
    private final CompactedLogModel.Clocks clocks;
    private final Violations violations;
    private long minLagMs = Long.MAX_VALUE;
    private long minDeleteRetentionMs = Long.MAX_VALUE;

    RemovalCheck(
            RecordCheck.PartitionName place,
            CompactedLogModel.Clocks clocks,
            Violations violations) {
        this.place = place;
        this.clocks = clocks;
        this.violations = violations;
    }

    void configured(long lagMs, long deleteRetentionMs) {
        minLagMs = Math.min(minLagMs, lagMs);
        minDeleteRetentionMs = Math.min(minDeleteRetentionMs, deleteRetentionMs);
    }

    /** Returns whether {@code delete.retention.ms} has passed since the tombstone was written. */
    boolean isExpired(KeyedRecord tombstone) {
        return clocks.latest(clocks.nowMs())
                >= clocks.earliest(tombstone.writtenMs) + minDeleteRetentionMs;
    }

    /**
     * @param logStart the offset below which all records may be deleted
     * @return whether the record is a tombstone without a later record of the key
     */
    boolean checkRemoval(
            KeyedRecord one, List<KeyedRecord> older, List<KeyedRecord> newer, long logStart) {
        long nowMs = clocks.latest(clocks.nowMs());
        violations.check(
                nowMs - one.timestampMs >= minLagMs,
                "%s of %s with timestamp %d was removed at %d, before its lag of %d ms",
                one,
                place,
                one.timestampMs,
                nowMs,
                minLagMs);
        // A record that is too young to be removed supersedes no older record.
        if (newer.stream().anyMatch(KeyedRecord::isPresent)
                && newer.stream().anyMatch(other -> nowMs - other.timestampMs >= minLagMs)) {
            return false;
        }
        violations.check(
                one.tombstone && one.horizonMs != KeyedRecord.NEVER,
                "%s of %s was removed, but no newer record of its key replaces it: %s",
                one,
                place,
                newer);
        violations.check(
                nowMs >= one.horizonMs && isExpired(one),
                "%s of %s, written at %d, was removed at %d, before its horizon %d",
                one,
                place,
                one.writtenMs,
                nowMs,
                one.horizonMs);
        older.stream()
                .filter(other -> other.offset >= logStart)
                .forEach(other -> checkRemovedBefore(other, one));
        return true;
    }

    /**
     * Checks that a record was removed at least {@code delete.retention.ms} before the tombstone of
     * its key.
     */
    private void checkRemovedBefore(KeyedRecord one, KeyedRecord tombstone) {
        violations.check(
                !one.isPresent(),
                "%s of %s is present after the removal of %s",
                one,
                place,
                tombstone);
        violations.check(
                one.removedEntry <= tombstone.horizonEntry,
                "%s of %s was removed with entry %d, but the horizon of %s was set with entry %d",
                one,
                place,
                one.removedEntry,
                tombstone,
                tombstone.horizonEntry);
        violations.check(
                one.removedEntry == tombstone.horizonEntry
                        || tombstone.horizonMs
                                >= clocks.earliest(one.removedMs) + minDeleteRetentionMs,
                "%s of %s was removed at %d, but %s has its horizon too early, at %d",
                one,
                place,
                one.removedMs,
                tombstone,
                tombstone.horizonMs);
    }
}

package io.millrace.simulation.invariant;

import io.millrace.simulation.world.Violations;
import java.util.List;

/** Checks that a record of a compacted topic was removed legitimately. */
final class RemovalCheck {

    /**
     * Maximum time between the reading of the clock for a horizon and the commit of the segment. An
     * earlier segment, of the same pass or another, can remove records in between.
     */
    static final long MAX_PASS_MS = 5_000;

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

    /**
     * Returns whether {@code delete.retention.ms} has passed since the tombstone was written.
     *
     * @param latestMs the latest time that any clock in question may show
     */
    boolean isExpired(KeyedRecord tombstone, long latestMs) {
        return latestMs >= clocks.earliest(tombstone.writtenMs) + minDeleteRetentionMs;
    }

    /** Without a lag, a timestamp in the future is no obstacle. */
    private boolean isOld(KeyedRecord one, long nowMs) {
        return minLagMs <= 0 || nowMs - one.timestampMs >= minLagMs;
    }

    /**
     * @param nowMs the latest time that the clock of the removing node may show
     * @param logStart the offset below which all records may be deleted
     * @return whether the record is a tombstone without a later record of the key
     */
    boolean checkRemoval(
            KeyedRecord record,
            long nowMs,
            List<KeyedRecord> older,
            List<KeyedRecord> newer,
            long logStart) {
        violations.check(
                isOld(record, nowMs),
                "%s of %s with timestamp %d was removed at %d, before its lag of %d ms",
                record,
                place,
                record.timestampMs,
                nowMs,
                minLagMs);
        // A record that is too young to be removed supersedes no older record.
        if (newer.stream().anyMatch(KeyedRecord::isPresent)
                && newer.stream().anyMatch(other -> isOld(other, nowMs))) {
            return false;
        }
        violations.check(
                record.tombstone && record.horizonMs != KeyedRecord.NEVER,
                "%s of %s was removed, but no newer record of its key replaces it: %s",
                record,
                place,
                newer);
        violations.check(
                nowMs >= record.horizonMs && isExpired(record, nowMs),
                "%s of %s, written at %d, was removed at %d, before its horizon %d",
                record,
                place,
                record.writtenMs,
                nowMs,
                record.horizonMs);
        older.stream()
                .filter(other -> other.offset >= logStart)
                .forEach(other -> checkRemovedBefore(other, record));
        return true;
    }

    /**
     * Checks that a record was removed at least {@code delete.retention.ms} before the tombstone of
     * its key.
     */
    private void checkRemovedBefore(KeyedRecord record, KeyedRecord tombstone) {
        violations.check(
                !record.isPresent(),
                "%s of %s is present after the removal of %s",
                record,
                place,
                tombstone);
        violations.check(
                record.removedEntry <= tombstone.horizonEntry,
                "%s of %s was removed with entry %d, but the horizon of %s was set with entry %d",
                record,
                place,
                record.removedEntry,
                tombstone,
                tombstone.horizonEntry);
        violations.check(
                record.removedEntry == tombstone.horizonEntry
                        || tombstone.horizonMs
                                >= clocks.earliest(record.removedMs)
                                        - MAX_PASS_MS
                                        + minDeleteRetentionMs,
                "%s of %s was removed at %d, but %s has its horizon too early, at %d",
                record,
                place,
                record.removedMs,
                tombstone,
                tombstone.horizonMs);
    }
}

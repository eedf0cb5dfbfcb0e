package io.millrace.compaction.offload;

import io.millrace.compaction.merge.RetentionClass;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.function.Predicate;

/**
 * Selects the extents to offload in one round. Above the threshold, every partition offloads its
 * oldest extents beyond an equal share, with these exceptions. Pure.
 *
 * <ul>
 *   <li>Extents that a merge will still move stay. Extents that merges passed over do not block
 *       later extents.
 *   <li>Compacted partitions stay as a whole, unless an offloaded part cannot be reloaded.
 * </ul>
 *
 * @param keep number of newest extents that stay in each partition
 * @param min minimum number of extents of a partition to offload at once
 * @param leaving true for objects that were reloaded to be rewritten
 * @param withoutRoom true for the last offloaded range of a compacted partition that cannot be
 *     reloaded
 */
record OffloadPlan(
        OffloadSettings settings,
        int keep,
        int min,
        Predicate<ObjectId> leaving,
        Predicate<OffloadedRange> withoutRoom,
        long nowMs) {

    /** An extent with this number of later extents counts as passed over by merges. */
    private static final int PASSED_OVER_EXTENTS = 64;

    /** Fewer extents are not worth a request. */
    static final int MIN_EXTENTS = 16;

    /** Limits ranges under retention, because a range becomes unreachable only as a whole. */
    static final int RANGE_DIVISOR = 8;

    /**
     * @param extents number of extents in memory
     * @param partitions number of partitions that share the threshold
     */
    static OffloadPlan of(
            OffloadSettings settings,
            long extents,
            long partitions,
            Predicate<ObjectId> leaving,
            Predicate<OffloadedRange> withoutRoom,
            long nowMs) {
        if (extents <= settings.extents()) {
            return new OffloadPlan(
                    settings, Integer.MAX_VALUE, 1, none -> false, none -> false, nowMs);
        }
        long share = Math.max(1, settings.extents() / Math.max(1, partitions));
        // Half of the share stays; the other half accumulates before being offloaded.
        long min = Math.max(Math.min(MIN_EXTENTS, settings.rangeExtents()), share / 2);
        return new OffloadPlan(
                settings,
                (int) Math.clamp(share / 2, 1, Integer.MAX_VALUE - 1),
                (int) Math.min(min, settings.rangeExtents()),
                leaving,
                withoutRoom,
                nowMs);
    }

    boolean isEmpty() {
        return keep == Integer.MAX_VALUE;
    }

    /**
     * @param log read on the owning event loop
     */
    List<OffloadCandidate> due(PartitionLog log, TopicSettings topic) {
        RetentionClass of = RetentionClass.of(topic);
        boolean staysWhole =
                topic.compacted() && log.lastOffloadedRange().filter(withoutRoom).isEmpty();
        if (isEmpty() || staysWhole || log.extentsInMemory() < (long) keep + min) {
            return List.of();
        }
        int max = max(log, topic);
        return log.offloadCandidates(
                keep,
                Math.min(min, max),
                max,
                PASSED_OVER_EXTENTS,
                object -> mergeState(object, of));
    }

    private int max(PartitionLog log, TopicSettings topic) {
        boolean goes =
                topic.deletesOldRecords()
                        && (topic.retentionMs() >= 0 || topic.retentionBytes() >= 0);
        return goes
                ? Math.clamp(
                        log.totalExtents() / RANGE_DIVISOR,
                        Math.min(MIN_EXTENTS, settings.rangeExtents()),
                        settings.rangeExtents())
                : settings.rangeExtents();
    }

    /** Small ranges are joined, so that their number does not grow with every round. */
    boolean joins(
            PartitionLog log, TopicSettings topic, OffloadedRange last, OffloadCandidate next) {
        return last.extents() + next.extents() <= max(log, topic);
    }

    private MergeState mergeState(StoredObject object, RetentionClass of) {
        if (leaving.test(object.object().id())) {
            return MergeState.MOVING;
        }
        boolean isSettled =
                settings.settledBytes() == 0
                        || (object.object().id().kind() == ObjectId.Kind.SEGMENT
                                && object.object().sizeBytes() >= settings.settledBytes()
                                && (!object.isSparse()
                                        || of.expiresSoon(object.storedMs(), nowMs)));
        return isSettled ? MergeState.SETTLED : MergeState.PENDING;
    }
}

package io.millrace.compaction.offload;

import io.millrace.compaction.merge.RetentionClass;
import io.millrace.metadata.ColdRange;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.function.Predicate;

/**
 * Says which extents are to leave memory. As soon as there are more in memory than there should be,
 * each partition keeps its equal share of what should be, and goes of its oldest beyond that. What
 * a merge will still move stays: it would have to come back for it. What merges have passed over
 * does not hold up what is behind it. Where only the newest of each key is kept, all of a partition
 * stays, as any record may have to go; not where some left and cannot come back, as none goes then,
 * and memory would fill with what is behind them. Pure.
 *
 * @param keep so many of its newest a partition keeps
 * @param min so many or more leave memory together
 * @param leaving whether an object was brought back to be written anew
 * @param withoutRoom whether the last row of a partition that is compacted cannot come back
 * @param nowMs milliseconds since 1970
 */
record OffloadPlan(
        OffloadSettings settings,
        int keep,
        int min,
        Predicate<ObjectId> leaving,
        Predicate<OffloadedRange> withoutRoom,
        long nowMs) {

    /**
     * Of what lies behind one that waits for a merge so much is never merged at once with it: it is
     * damaged, or nothing comes that it could be merged with.
     */
    private static final int PASSED_BY = 64;

    /** Fewer at a time are not worth a request. */
    static final int MIN = 16;

    /**
     * A row goes when all of it is to go: so it has such a part of its partition at most where
     * records go by age or size.
     */
    static final int ROW_SHARE = 8;

    /**
     * The plan of a round.
     *
     * @param extents in memory
     * @param partitions among which the shares are
     * @param leaving whether an object was brought back to be written anew
     * @param withoutRoom whether the last row of a partition that is compacted cannot come back
     * @param nowMs milliseconds since 1970
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
        // Half of it stays, and half comes together until it leaves.
        long min = Math.max(Math.min(MIN, settings.rowExtents()), share / 2);
        return new OffloadPlan(
                settings,
                (int) Math.clamp(share / 2, 1, Integer.MAX_VALUE - 1),
                (int) Math.min(min, settings.rowExtents()),
                leaving,
                withoutRoom,
                nowMs);
    }

    /** Whether no partition is to go of anything. */
    boolean isEmpty() {
        return keep == Integer.MAX_VALUE;
    }

    /**
     * The rows of a partition that are to leave memory now.
     *
     * @param log asked on the loop that owns it
     * @param topic settings of its topic
     */
    List<ColdRange> due(PartitionLog log, TopicSettings topic) {
        RetentionClass of = RetentionClass.of(topic);
        boolean staysWhole = topic.compacted() && log.lastOffloaded().filter(withoutRoom).isEmpty();
        if (isEmpty() || staysWhole || log.extentsInMemory() < (long) keep + min) {
            return List.of();
        }
        int max = max(log, topic);
        return log.cold(keep, Math.min(min, max), max, PASSED_BY, object -> motion(object, of));
    }

    /** How many extents a row of a partition may have. */
    private int max(PartitionLog log, TopicSettings topic) {
        boolean goes = topic.deleted() && (topic.retentionMs() >= 0 || topic.retentionBytes() >= 0);
        return goes
                ? Math.clamp(
                        log.allExtents() / ROW_SHARE,
                        Math.min(MIN, settings.rowExtents()),
                        settings.rowExtents())
                : settings.rowExtents();
    }

    /**
     * Whether what leaves memory becomes one row with the last that was shelved: as long as that is
     * small, so that the number of rows does not grow each time that some leave.
     *
     * @param log asked on the loop that owns it
     */
    boolean joins(PartitionLog log, TopicSettings topic, OffloadedRange last, ColdRange next) {
        return last.extents() + next.extents() <= max(log, topic);
    }

    private MergeState motion(StoredObject object, RetentionClass of) {
        if (leaving.test(object.object().id())) {
            return MergeState.LEAVING;
        }
        boolean isSettled =
                settings.settledBytes() == 0
                        || (object.object().id().kind() == ObjectId.Kind.SEGMENT
                                && object.object().sizeBytes() >= settings.settledBytes()
                                && (!object.isSparse() || of.goesSoon(object.storedMs(), nowMs)));
        return isSettled ? MergeState.SETTLED : MergeState.WAITING;
    }
}

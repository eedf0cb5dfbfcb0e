package io.millrace.group.lag;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.CommittedOffset;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The lag of a group in one partition, computed from the metadata alone. The age is that of the
 * youngest record in the extent that contains the first unconsumed record, or in its offloaded
 * range. So the age is never too large. It is too small by at most the spread of timestamps there:
 * a block's linger for unmerged records that are written on arrival. Immutable.
 *
 * @param records the number of offsets from the committed offset, or from the log start if that is
 *     later, to the end; includes offsets without a record. Without a commit: all readable offsets
 * @param ageMs the age of the first of them in milliseconds, 0 if there is none; empty if it has no
 *     timestamp or the group has not committed, since only the members know their start position
 *     then
 */
public record PartitionLag(long records, OptionalLong ageMs) {

    private static final PartitionLag NONE = new PartitionLag(0, OptionalLong.of(0));

    /** Returns the lag of a group that may have committed. */
    public static PartitionLag of(
            Optional<CommittedOffset> committed, PartitionLog log, long nowMs) {
        return committed
                .map(known -> of(known.offset(), log, nowMs))
                .orElseGet(() ->
                        new PartitionLag(
                                log.highWatermark() - log.logStartOffset(), OptionalLong.empty()));
    }

    /**
     * Returns the lag after a committed offset.
     *
     * @param committed the offset of the next record to consume
     * @param nowMs milliseconds since 1970, by a clock that producers are assumed to share
     */
    public static PartitionLag of(long committed, PartitionLog log, long nowMs) {
        long next = Math.max(committed, log.logStartOffset());
        if (next >= log.highWatermark()) {
            return NONE;
        }
        long timeMs =
                log.offloadedRangeAt(next)
                        .map(OffloadedRange::maxTimestampMs)
                        .or(() ->
                                log.extents(next, 1).stream()
                                        .findFirst()
                                        .map(Extent::maxTimestampMs))
                        .orElse(-1L);
        return new PartitionLag(
                log.highWatermark() - next,
                timeMs < 0 ? OptionalLong.empty() : OptionalLong.of(Math.max(0, nowMs - timeMs)));
    }
}

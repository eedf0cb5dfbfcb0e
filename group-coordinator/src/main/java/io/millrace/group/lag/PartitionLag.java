package io.millrace.group.lag;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.CommittedOffset;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The lag of a group in one partition, computed from the metadata alone. The age is that of the
 * youngest record in the extent or offloaded range of the first unconsumed record. It is never too
 * large, and too small by at most the spread of timestamps there. Immutable.
 *
 * @param records the number of offsets from the committed offset, or from a later log start, to the
 *     end. Without a commit: all readable offsets
 * @param ageMs the age of the first unconsumed record in milliseconds, 0 if there is none; empty
 *     without a timestamp or a commit
 */
public record PartitionLag(long records, OptionalLong ageMs) {

    private static final PartitionLag NONE = new PartitionLag(0, OptionalLong.of(0));

    public static PartitionLag of(
            Optional<CommittedOffset> committed, PartitionLog log, long nowMs) {
        return committed
                .map(known -> of(known.offset(), log, nowMs))
                .orElseGet(() ->
                        new PartitionLag(
                                log.highWatermark() - log.logStartOffset(), OptionalLong.empty()));
    }

    /**
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

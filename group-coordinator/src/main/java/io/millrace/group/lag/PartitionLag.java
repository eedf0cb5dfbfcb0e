package io.millrace.group.lag;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.CommittedOffset;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a group is behind in a partition. Reckoned from the metadata alone: the age is that of
 * the youngest record in the extent that holds the first one behind the committed offset, or in the
 * row where that is not in memory. So it is never too large, and too small by as much as the
 * timestamps there differ: by a block's linger where records are written as they come and have not
 * been merged. Immutable.
 *
 * @param records offsets from the committed one, or from the log's start if that is behind it, to
 *     the end; offsets without a record count as well. Of a group that committed nothing there:
 *     everything that can be read
 * @param ageMs of the first of them in milliseconds, 0 if there is none; empty if it has no time,
 *     or if nothing is committed: only the members know where they begin
 */
public record PartitionLag(long records, OptionalLong ageMs) {

    private static final PartitionLag NONE = new PartitionLag(0, OptionalLong.of(0));

    /** The lag of a group that may have committed something. */
    public static PartitionLag of(
            Optional<CommittedOffset> committed, PartitionLog log, long nowMs) {
        return committed
                .map(known -> of(known.offset(), log, nowMs))
                .orElseGet(() ->
                        new PartitionLag(
                                log.highWatermark() - log.logStartOffset(), OptionalLong.empty()));
    }

    /**
     * The lag behind an offset.
     *
     * @param committed offset of the next record that the group wants
     * @param nowMs milliseconds since 1970, by a clock that producers are thought to share
     */
    public static PartitionLag of(long committed, PartitionLog log, long nowMs) {
        long next = Math.max(committed, log.logStartOffset());
        if (next >= log.highWatermark()) {
            return NONE;
        }
        long timeMs =
                log.offloaded(next)
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

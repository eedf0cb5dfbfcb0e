package io.millrace.compaction.key;

import io.millrace.compaction.rewrite.InputReservations.InputAvailability;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides whether a partition is due for key compaction: when its uncompacted share reaches the
 * dirty ratio. A run ends before the first WAL block and before the first damaged extent. Objects
 * in use by other jobs delay the run. Pure.
 */
final class KeyCompactionPolicy {

    private KeyCompactionPolicy() {}

    /**
     * Returns the partition's part of a run, if due.
     *
     * @param dirtyRatio minimum share of uncompacted bytes in the bytes to rewrite
     * @param minLagMs minimum age of records to remove
     */
    static Optional<KeyCompactionSpec.DirtyPartition> due(
            int partition,
            PartitionLog log,
            long cleanedTo,
            double dirtyRatio,
            long minLagMs,
            Function<ObjectId, InputAvailability> status,
            long nowMs) {
        long from = Math.max(cleanedTo, log.logStartOffset());
        if (from >= log.highWatermark()) {
            return Optional.empty();
        }
        List<Extent> after = log.extents(from, Long.MAX_VALUE);
        List<Extent> dirty =
                after.stream()
                        .takeWhile(extent -> isCompactable(extent, minLagMs, status, nowMs))
                        .toList();
        long dirtyBytes = bytes(dirty);
        // The clean part is far larger and examined only if the partition is due.
        long allBytes = log.sizeBytes() - bytes(after) + dirtyBytes;
        if (dirty.isEmpty() || dirtyBytes < dirtyRatio * allBytes) {
            return Optional.empty();
        }
        long end = dirty.getLast().endOffset();
        List<Extent> extents =
                log.extents(log.logStartOffset(), Long.MAX_VALUE).stream()
                        .takeWhile(extent -> extent.endOffset() <= end)
                        .toList();
        if (!extents.stream()
                .allMatch(extent -> status.apply(extent.object().id()) == InputAvailability.FREE)) {
            return Optional.empty();
        }
        return Optional.of(new KeyCompactionSpec.DirtyPartition(partition, cleanedTo, extents));
    }

    private static boolean isCompactable(
            Extent extent,
            long minLagMs,
            Function<ObjectId, InputAvailability> status,
            long nowMs) {
        ObjectId object = extent.object().id();
        boolean young = minLagMs > 0 && extent.maxTimestampMs() > nowMs - minLagMs;
        return object.kind() == ObjectId.Kind.SEGMENT
                && !young
                && status.apply(object) != InputAvailability.DAMAGED;
    }

    private static long bytes(List<Extent> extents) {
        return extents.stream().mapToLong(Extent::length).sum();
    }
}

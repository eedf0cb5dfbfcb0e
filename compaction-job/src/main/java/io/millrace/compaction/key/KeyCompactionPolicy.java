package io.millrace.compaction.key;

import io.millrace.compaction.rewrite.InputReservations.InputStatus;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says whether records of a partition are to be removed by key: once enough of it was not looked at
 * yet. WAL blocks are left to merges, and so is what follows the first of them: the newest records
 * stay as they came. What is damaged cannot be written anew, so a pass ends in front of it, and
 * what others work on is waited for. Pure.
 */
final class KeyCompactionPolicy {

    private KeyCompactionPolicy() {}

    /**
     * The partition's part of a pass, if one is due.
     *
     * @param cleanedTo below it no key has two records
     * @param dirtyRatio of what is to be written anew, how much must not be looked at yet
     * @param minLagMs how old records are at least that may go
     * @param status of an object that could be an input
     * @param nowMs milliseconds since 1970
     */
    static Optional<KeyCompaction.Part> due(
            int partition,
            PartitionLog log,
            long cleanedTo,
            double dirtyRatio,
            long minLagMs,
            Function<ObjectId, InputStatus> status,
            long nowMs) {
        long from = Math.max(cleanedTo, log.logStartOffset());
        if (from >= log.highWatermark()) {
            return Optional.empty();
        }
        List<Extent> after = log.extents(from, Long.MAX_VALUE);
        List<Extent> dirty =
                after.stream().takeWhile(one -> mayBeTaken(one, minLagMs, status, nowMs)).toList();
        long dirtyBytes = bytes(dirty);
        // What is clean is many times more, and not looked at one by one before it is to be read.
        long allBytes = log.sizeBytes() - bytes(after) + dirtyBytes;
        if (dirty.isEmpty() || dirtyBytes < dirtyRatio * allBytes) {
            return Optional.empty();
        }
        long end = dirty.getLast().endOffset();
        List<Extent> extents =
                log.extents(log.logStartOffset(), Long.MAX_VALUE).stream()
                        .takeWhile(one -> one.endOffset() <= end)
                        .toList();
        if (!extents.stream()
                .allMatch(one -> status.apply(one.object().id()) == InputStatus.FREE)) {
            return Optional.empty();
        }
        return Optional.of(new KeyCompaction.Part(partition, cleanedTo, extents));
    }

    private static boolean mayBeTaken(
            Extent extent, long minLagMs, Function<ObjectId, InputStatus> status, long nowMs) {
        ObjectId object = extent.object().id();
        boolean young = minLagMs > 0 && extent.maxTimestampMs() > nowMs - minLagMs;
        return object.kind() == ObjectId.Kind.SEGMENT
                && !young
                && status.apply(object) != InputStatus.DAMAGED;
    }

    private static long bytes(List<Extent> extents) {
        return extents.stream().mapToLong(Extent::length).sum();
    }
}

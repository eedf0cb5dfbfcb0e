package io.millrace.compaction.merge;

import io.millrace.compaction.merge.FreeObjects.Standing;
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
final class KeyPassChoice {

    private KeyPassChoice() {}

    /**
     * The partition's part of a pass, if one is due.
     *
     * @param cleanedTo below it no key has two records
     * @param dirtyRatio of what is to be written anew, how much must not be looked at yet
     * @param minLagMs how old records are at least that may go
     * @param standing of an object that could be an input
     * @param nowMs milliseconds since 1970
     */
    static Optional<KeyPass.Part> due(
            int partition,
            PartitionLog log,
            long cleanedTo,
            double dirtyRatio,
            long minLagMs,
            Function<ObjectId, Standing> standing,
            long nowMs) {
        long from = Math.max(cleanedTo, log.logStartOffset());
        if (from >= log.highWatermark()) {
            return Optional.empty();
        }
        long end = from;
        long dirtyBytes = 0;
        for (Extent extent : log.extents(from, Long.MAX_VALUE)) {
            ObjectId object = extent.object().id();
            boolean young = minLagMs > 0 && extent.maxTimestampMs() > nowMs - minLagMs;
            if (object.kind() != ObjectId.Kind.SEGMENT
                    || young
                    || standing.apply(object) == Standing.DAMAGED) {
                break;
            }
            dirtyBytes += extent.length();
            end = extent.endOffset();
        }
        if (end == from) {
            return Optional.empty();
        }
        long last = end;
        List<Extent> extents =
                log.extents(log.logStartOffset(), Long.MAX_VALUE).stream()
                        .filter(one -> one.endOffset() <= last)
                        .toList();
        long bytes = extents.stream().mapToLong(Extent::length).sum();
        if (dirtyBytes < dirtyRatio * bytes
                || !extents.stream()
                        .allMatch(one -> standing.apply(one.object().id()) == Standing.FREE)) {
            return Optional.empty();
        }
        return Optional.of(new KeyPass.Part(partition, cleanedTo, extents));
    }
}

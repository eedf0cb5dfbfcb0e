package io.millrace.compaction.offload;

import com.google.protobuf.ByteString;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the offloaded ranges of a partition that reference an object, backwards from the last
 * range. Ranges that reference the same object are adjacent. Used once. Owned by the metadata's
 * event loop.
 */
final class OffloadedRangeSearch {

    private final Metadata metadata;
    private final ExtentReloader reloads;
    private final long topicId;
    private final int partition;
    private final ObjectId object;
    private final long maxExtents;
    private final List<ExtentReloader.RangeRead> rangesRead = new ArrayList<>();

    private int matching;

    private long extents;

    OffloadedRangeSearch(
            Metadata metadata,
            ExtentReloader reloads,
            long topicId,
            int partition,
            ObjectId object,
            long maxExtents) {
        this.metadata = metadata;
        this.reloads = reloads;
        this.topicId = topicId;
        this.partition = partition;
        this.object = object;
        this.maxExtents = maxExtents;
    }

    /**
     * Runs the search. Called and completed on the event loop.
     *
     * @return the matching and all later ranges, last range first; empty if a range is unreadable
     *     or changes, or if the extents exceed the maximum
     */
    CompletableFuture<List<ExtentReloader.RangeRead>> run() {
        return searchFrom(log().flatMap(PartitionLog::lastOffloadedRange));
    }

    private Optional<PartitionLog> log() {
        return metadata.view().partition(topicId, partition);
    }

    private CompletableFuture<List<ExtentReloader.RangeRead>> searchFrom(
            Optional<OffloadedRange> row) {
        if (row.isEmpty()) {
            return CompletableFuture.completedFuture(found());
        }
        extents += row.get().extents();
        return extents > maxExtents
                ? CompletableFuture.completedFuture(List.of())
                : reloads.read(row.get()).thenComposeAsync(this::validate, metadata.loop());
    }

    private List<ExtentReloader.RangeRead> found() {
        return List.copyOf(rangesRead.subList(0, matching));
    }

    private CompletableFuture<List<ExtentReloader.RangeRead>> validate(
            ExtentReloader.RangeRead read) {
        Optional<List<Extent>> extents = extents(read);
        if (extents.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        rangesRead.add(read);
        if (extents.get().stream().anyMatch(extent -> extent.object().id().equals(object))) {
            matching = rangesRead.size();
        } else if (matching > 0) {
            return CompletableFuture.completedFuture(found());
        }
        return searchFrom(previous(read.range()));
    }

    private Optional<List<Extent>> extents(ExtentReloader.RangeRead read) {
        try {
            return read.content()
                    .map(ByteString::toByteArray)
                    .flatMap(content -> log().flatMap(log -> log.extents(read.range(), content)));
        } catch (ObjectStoreException.Corrupt damaged) {
            reloads.reportDamaged(read.range());
            return Optional.empty();
        }
    }

    private Optional<OffloadedRange> previous(OffloadedRange row) {
        return log().flatMap(log -> log.offloadedRangeAt(row.baseOffset() - 1))
                .filter(before -> before.endOffset() <= row.baseOffset());
    }
}

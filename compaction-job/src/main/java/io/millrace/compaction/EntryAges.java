package io.millrace.compaction;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Determines a minimum age of log entries from the upload times of archives. Compares only
 * timestamps of the bucket, so a wrong clock makes no entry old. Any thread.
 */
public final class EntryAges {

    private final ObjectStore bucket;

    public EntryAges(ObjectStore bucket) {
        this.bucket = bucket;
    }

    /**
     * Returns the position of the last entry that is older than an age; 0 if there is none. Costs
     * one LIST per step of a binary search over the archives.
     */
    public CompletableFuture<Long> lastOlderThan(LogManifest past, Duration age) {
        return newestUpload(past)
                .thenCompose(now ->
                        now.map(newest ->
                                        search(
                                                past.archives(),
                                                new ArchiveInterval(0, past.archives().size()),
                                                newest.minus(age)))
                                .orElseGet(() -> CompletableFuture.completedFuture(0L)));
    }

    /**
     * Archives before {@code start} are old; from {@code end} on, they are not old or of unknown
     * age.
     */
    private record ArchiveInterval(int start, int end) {}

    private CompletableFuture<Long> search(
            List<StoredArchive> archives, ArchiveInterval range, Instant before) {
        if (range.start() == range.end()) {
            return CompletableFuture.completedFuture(
                    range.start() == 0
                            ? 0L
                            : LogManifest.lastPosition(archives.get(range.start() - 1)));
        }
        int middle = (range.start() + range.end()) >>> 1;
        return uploadTime(archives.get(middle))
                .thenCompose(at ->
                        search(
                                archives,
                                at.isPresent() && !at.get().isAfter(before)
                                        ? new ArchiveInterval(middle + 1, range.end())
                                        : new ArchiveInterval(range.start(), middle),
                                before));
    }

    /** Returns the upload time of the newest archive, a lower bound of the bucket's time. */
    public CompletableFuture<Optional<Instant>> newestUpload(LogManifest past) {
        return past.archives().isEmpty()
                ? CompletableFuture.completedFuture(Optional.empty())
                : uploadTime(past.archives().getLast());
    }

    private CompletableFuture<Optional<Instant>> uploadTime(StoredArchive archive) {
        return bucket.list(archive.getKey(), "", 1)
                .thenApply(page ->
                        page.objects().stream()
                                .filter(object -> object.name().equals(archive.getKey()))
                                .map(ListedObject::lastModified)
                                .findFirst());
    }
}

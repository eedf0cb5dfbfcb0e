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
 * Determines a minimum age of log entries from the upload times of archives. Compares timestamps of
 * the bucket only, so no wrong clock of a machine makes an entry old. Any thread.
 */
public final class EntryAges {

    private final ObjectStore bucket;

    public EntryAges(ObjectStore bucket) {
        this.bucket = bucket;
    }

    /**
     * Returns the position of the last entry that is certainly older than an age. Costs one LIST
     * for each step of a binary search over the archives.
     *
     * @return 0 if there is none
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
     * Remaining archives of the binary search for the first one that is not old.
     *
     * @param start all archives before this index are old
     * @param end archives from this index are not old, or their age is unknown
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

    /**
     * Returns the upload time of the newest archive, a lower bound of the bucket's current time.
     */
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

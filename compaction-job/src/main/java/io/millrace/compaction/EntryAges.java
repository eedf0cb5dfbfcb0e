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
 * Tells which entries of the log are old, for who has not been there to see it: an entry is at
 * least as old as the archive that it lies in. It goes by the bucket's clock alone, from one object
 * to the other, so no wrong clock of a machine makes anything old. Any thread.
 */
public final class EntryAges {

    private final ObjectStore bucket;

    public EntryAges(ObjectStore bucket) {
        this.bucket = bucket;
    }

    /**
     * The last entry that is so old for sure. Costs a LIST for each halving of the archives.
     *
     * @return 0 if there is none
     */
    public CompletableFuture<Long> olderThan(LogManifest past, Duration age) {
        return newest(past)
                .thenCompose(now ->
                        now.map(newest ->
                                        search(
                                                past.archives(),
                                                new Range(0, past.archives().size()),
                                                newest.minus(age)))
                                .orElseGet(() -> CompletableFuture.completedFuture(0L)));
    }

    /**
     * Those that may be the first one that is not old.
     *
     * @param start all before it are old
     * @param end all from it on are not, or nobody knows
     */
    private record Range(int start, int end) {}

    private CompletableFuture<Long> search(
            List<StoredArchive> archives, Range range, Instant before) {
        if (range.start() == range.end()) {
            return CompletableFuture.completedFuture(
                    range.start() == 0
                            ? 0L
                            : LogManifest.lastPosition(archives.get(range.start() - 1)));
        }
        int middle = (range.start() + range.end()) >>> 1;
        return storedAt(archives.get(middle))
                .thenCompose(at ->
                        search(
                                archives,
                                at.isPresent() && !at.get().isAfter(before)
                                        ? new Range(middle + 1, range.end())
                                        : new Range(range.start(), middle),
                                before));
    }

    /**
     * When the newest archive came into the bucket: by the bucket's clock it is not earlier now.
     */
    public CompletableFuture<Optional<Instant>> newest(LogManifest past) {
        return past.archives().isEmpty()
                ? CompletableFuture.completedFuture(Optional.empty())
                : storedAt(past.archives().getLast());
    }

    private CompletableFuture<Optional<Instant>> storedAt(StoredArchive archive) {
        return bucket.list(archive.getKey(), "", 1)
                .thenApply(page ->
                        page.objects().stream()
                                .filter(object -> object.name().equals(archive.getKey()))
                                .map(ListedObject::lastModified)
                                .findFirst());
    }
}

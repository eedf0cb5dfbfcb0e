package io.millrace.compaction;

import io.millrace.metadata.log.archive.LogManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells which entries of the log are old, for who has not been there to see it: an entry is at
 * least as old as the archive that it lies in. It goes by the bucket's clock alone, from one object
 * to the other, so no wrong clock of a machine makes anything old. Any thread.
 */
public final class PastAges {

    private record Stored(long lastPosition, Instant at) {}

    private final ObjectStore bucket;

    public PastAges(ObjectStore bucket) {
        this.bucket = bucket;
    }

    /**
     * The last entry that is so old for sure. Costs a LIST for each archive.
     *
     * @return 0 if there is none
     */
    CompletableFuture<Long> olderThan(LogManifest past, Duration age) {
        return ages(past.archives(), new ArrayList<>())
                .thenApply(stored -> {
                    Optional<Instant> now = stored.stream().map(Stored::at).max(Instant::compareTo);
                    return stored.stream()
                            .filter(one ->
                                    now.isPresent() && !one.at().plus(age).isAfter(now.get()))
                            .mapToLong(Stored::lastPosition)
                            .max()
                            .orElse(0);
                });
    }

    /**
     * When the newest archive came into the bucket: by the bucket's clock it is not earlier now.
     */
    public CompletableFuture<Optional<Instant>> newest(LogManifest past) {
        int archives = past.archives().size();
        return ages(past.archives().subList(Math.max(0, archives - 1), archives), new ArrayList<>())
                .thenApply(stored -> stored.stream().map(Stored::at).findFirst());
    }

    private CompletableFuture<List<Stored>> ages(List<StoredArchive> archives, List<Stored> found) {
        if (archives.isEmpty()) {
            return CompletableFuture.completedFuture(found);
        }
        StoredArchive archive = archives.getFirst();
        return bucket.list(archive.getKey(), "", 1)
                .thenCompose(page -> {
                    for (ListedObject object : page.objects()) {
                        if (object.name().equals(archive.getKey())) {
                            found.add(
                                    new Stored(
                                            LogManifest.lastPosition(archive),
                                            object.lastModified()));
                        }
                    }
                    return ages(archives.subList(1, archives.size()), found);
                });
    }
}

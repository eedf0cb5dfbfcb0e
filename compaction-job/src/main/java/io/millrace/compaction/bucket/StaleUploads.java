package io.millrace.compaction.bucket;

import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import io.millrace.storage.object.UploadListing.ListedUpload;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Abandons the cluster's uploads in parts that were begun so long ago that nobody goes on with
 * them. A clock that is wrong costs a merge, which is done again. Owned by the loop.
 */
final class StaleUploads {

    static final Duration AGE = Duration.ofDays(1);

    private static final int PAGE = 1000;

    private final Executor loop;
    private final ObjectStore bucket;
    private final String cluster;
    private final InstantSource clock;
    private final OrphanMetrics metrics;

    StaleUploads(
            Executor loop,
            ObjectStore bucket,
            String cluster,
            InstantSource clock,
            OrphanMetrics metrics) {
        this.loop = loop;
        this.bucket = bucket;
        this.cluster = cluster;
        this.clock = clock;
        this.metrics = metrics;
    }

    CompletableFuture<Void> abandon() {
        return page(clock.instant().minus(AGE), Optional.empty());
    }

    private CompletableFuture<Void> page(Instant end, Optional<UploadId> after) {
        return bucket.uploads()
                .unfinished("", after, PAGE)
                .thenComposeAsync(
                        page ->
                                abandon(stale(page, end))
                                        .thenComposeAsync(done -> next(end, page), loop),
                        loop);
    }

    private CompletableFuture<Void> next(Instant end, UploadListing page) {
        return page.truncated()
                ? page(end, Optional.of(page.uploads().getLast().id()))
                : CompletableFuture.completedFuture(null);
    }

    private Iterator<UploadId> stale(UploadListing page, Instant end) {
        return page.uploads().stream()
                .filter(upload -> upload.begun().isBefore(end))
                .map(ListedUpload::id)
                .filter(id -> ObjectId.parse(id.key(), cluster).isPresent())
                .iterator();
    }

    private CompletableFuture<Void> abandon(Iterator<UploadId> stale) {
        if (!stale.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.uploads()
                .abandon(stale.next())
                .thenComposeAsync(
                        done -> {
                            metrics.abandoned();
                            return abandon(stale);
                        },
                        loop);
    }
}

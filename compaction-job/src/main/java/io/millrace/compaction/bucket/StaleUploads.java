package io.millrace.compaction.bucket;

import io.millrace.metadata.log.ArchiveKey;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import io.millrace.storage.object.UploadListing.ListedUpload;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Aborts multipart uploads of the cluster, of stream objects, archives and checkpoints, that
 * started longer than a grace period ago. Owned by the event loop.
 */
final class StaleUploads {

    private static final int PAGE = 1000;

    private final Executor loop;
    private final ObjectStore bucket;
    private final String cluster;
    private final Duration grace;
    private final BucketClock clock;
    private final OrphanMetrics metrics;

    StaleUploads(
            Executor loop,
            ObjectStore bucket,
            String cluster,
            Duration grace,
            BucketClock clock,
            OrphanMetrics metrics) {
        this.loop = loop;
        this.bucket = bucket;
        this.cluster = cluster;
        this.grace = grace;
        this.clock = clock;
        this.metrics = metrics;
    }

    CompletableFuture<Void> abort() {
        return page(Optional.empty());
    }

    private CompletableFuture<Void> page(Optional<UploadId> after) {
        return bucket.uploads()
                .listUnfinished("", after, PAGE)
                .thenComposeAsync(
                        page -> abort(stale(page)).thenComposeAsync(done -> next(page), loop),
                        loop);
    }

    private CompletableFuture<Void> next(UploadListing page) {
        return page.truncated()
                ? page(Optional.of(page.uploads().getLast().id()))
                : CompletableFuture.completedFuture(null);
    }

    private Iterator<UploadId> stale(UploadListing page) {
        page.uploads().forEach(upload -> clock.received(upload.startedAt()));
        Instant end = clock.now().minus(grace);
        return page.uploads().stream()
                .filter(upload -> upload.startedAt().isBefore(end))
                .map(ListedUpload::id)
                .filter(id -> isOfCluster(id.key()))
                .iterator();
    }

    private boolean isOfCluster(ObjectKey key) {
        return ObjectId.parse(key, cluster).isPresent()
                || ArchiveKey.parse(key, cluster).isPresent();
    }

    private CompletableFuture<Void> abort(Iterator<UploadId> stale) {
        if (!stale.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.uploads()
                .abort(stale.next())
                .thenComposeAsync(
                        done -> {
                            metrics.abortedUpload();
                            return abort(stale);
                        },
                        loop);
    }
}

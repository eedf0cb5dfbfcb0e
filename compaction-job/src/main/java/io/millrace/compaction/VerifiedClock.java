package io.millrace.compaction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.UploadListing;
import io.millrace.storage.object.UploadListing.ListedUpload;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The node's wall clock, verified against the bucket's clock before records are removed by age,
 * because such a removal is final.
 *
 * <p>The bucket's time is the start of a multipart upload that is listed and aborted at once. It is
 * read once, and again only if the clocks seem to differ. A bucket that lists no uploads, such as a
 * folder, has no clock of its own. Owned by the metadata's event loop.
 */
public final class VerifiedClock {

    private static final Logger LOG = Logger.getLogger(VerifiedClock.class);

    static final Duration MAX_DIFFERENCE = Duration.ofMinutes(5);

    private static final int PAGE = 1000;

    private final EventLoop loop;
    private final ObjectStore bucket;
    private final ObjectKey probe;
    private final InstantSource clock;
    private final Counter disagreements;

    private record BucketTime(Instant reported, long receivedNanos) {}

    private @Nullable BucketTime bucketTime;
    private boolean disagreed;

    /**
     * @param clock the node's wall clock
     */
    public VerifiedClock(
            Metadata metadata,
            ObjectStore bucket,
            String cluster,
            InstantSource clock,
            MeterRegistry registry) {
        this.loop = metadata.loop();
        this.bucket = bucket;
        this.clock = clock;
        // No segment of this process has this sequence.
        this.probe =
                new ObjectId(ObjectId.Kind.SEGMENT, metadata.incarnation(), Long.MAX_VALUE)
                        .key(cluster);
        this.disagreements = registry.counter("millrace.clock.disagreements");
    }

    /** Returns the node's clock, for decisions that remove nothing. */
    public InstantSource unverified() {
        return clock;
    }

    /**
     * Completes on the event loop with a clock that continues by monotonic time, readable by any
     * thread; empty if the clocks of node and bucket differ. Fails if the bucket's time is not
     * known. Only on the event loop.
     */
    public CompletableFuture<Optional<InstantSource>> verified() {
        BucketTime known = bucketTime;
        if (known != null && agreesWith(known)) {
            return CompletableFuture.completedFuture(Optional.of(agreed()));
        }
        return readBucketTime()
                .thenApplyAsync(
                        reported ->
                                reported.map(this::compare).orElseGet(() -> Optional.of(agreed())),
                        loop);
    }

    private Optional<InstantSource> compare(Instant reported) {
        BucketTime now = new BucketTime(reported, loop.nanoTime());
        bucketTime = now;
        return agreesWith(now) ? Optional.of(agreed()) : disagree(now);
    }

    private Instant now(BucketTime time) {
        return time.reported().plusNanos(loop.nanoTime() - time.receivedNanos());
    }

    private boolean agreesWith(BucketTime time) {
        return Duration.between(now(time), clock.instant()).abs().compareTo(MAX_DIFFERENCE) <= 0;
    }

    private InstantSource agreed() {
        disagreed = false;
        Instant verified = clock.instant();
        long sinceNanos = loop.nanoTime();
        return () -> verified.plusNanos(loop.nanoTime() - sinceNanos);
    }

    private Optional<InstantSource> disagree(BucketTime time) {
        disagreements.increment();
        if (!disagreed) {
            LOG.errorf(
                    "This node's clock shows %s, but the bucket's clock shows %s. While they differ by"
                            + " more than %d minutes, no record is removed by age (retention.ms,"
                            + " delete.retention.ms, min.compaction.lag.ms) and the bucket grows."
                            + " Synchronise the node's clock, for example by NTP.",
                    clock.instant(), now(time), MAX_DIFFERENCE.toMinutes());
        }
        disagreed = true;
        return Optional.empty();
    }

    private CompletableFuture<Optional<Instant>> readBucketTime() {
        return bucket.uploads()
                .create(probe, MultipartUpload.MIN_PART_BYTES)
                .thenCompose(upload ->
                        bucket.uploads()
                                .listUnfinished(probe.value(), Optional.empty(), PAGE)
                                .thenApply(page -> startOf(upload, page))
                                .handle((start, failure) -> {
                                    CompletableFuture<Optional<Instant>> result =
                                            start != null
                                                    ? CompletableFuture.completedFuture(start)
                                                    : CompletableFuture.failedFuture(
                                                            Objects.requireNonNull(failure));
                                    return abort(upload).thenCompose(done -> result);
                                })
                                .thenCompose(result -> result));
    }

    /** Never fails: the orphan sweep removes the rest. */
    private CompletableFuture<Void> abort(MultipartUpload upload) {
        return bucket.uploads().abort(upload.id()).exceptionally(failure -> null);
    }

    private static Optional<Instant> startOf(MultipartUpload upload, UploadListing page) {
        return page.uploads().stream()
                .filter(listed -> listed.id().equals(upload.id()))
                .map(ListedUpload::startedAt)
                .findFirst();
    }
}

package io.millrace.compaction.offload;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.RoundFailures;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.ObjectStore;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Offloads cold extents of this node's topics when memory has too many, and reloads offloaded
 * ranges that must change. A failed round loses at most one extent manifest and is repeated. Owned
 * by the metadata's event loop.
 */
public final class OffloadJob {

    private static final Logger LOG = Logger.getLogger(OffloadJob.class);

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final OffloadMetrics metrics;
    private final RoundFailures failures;
    private final InstantSource clock;
    private final ExtentReloader reloads;
    private final SparseObjectReloader sparse;
    private final ManifestIdSequence manifestIds = new ManifestIdSequence();

    public OffloadJob(
            Metadata metadata,
            ObjectStore bucket,
            CompactionDuties duties,
            OffloadSettings settings,
            InstantSource clock,
            OffloadMetrics metrics) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.duties = duties;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.reloads = new ExtentReloader(metadata, bucket, duties, settings, metrics);
        this.sparse = new SparseObjectReloader(metadata, bucket, duties, settings, clock, reloads);
        this.failures =
                new RoundFailures(
                        LOG,
                        "Offloading failed: cold extents stay in memory and unreachable"
                                + " objects in the bucket; the next round retries",
                        metrics::failed);
    }

    /** Starts periodic rounds. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::scheduleRound);
    }

    private void scheduleRound() {
        metadata.loop()
                .schedule(
                        settings.interval(),
                        () -> {
                            var unused =
                                    runOnce()
                                            .whenCompleteAsync(
                                                    (done, failure) -> {
                                                        failures.roundEnded(failure);
                                                        scheduleRound();
                                                    },
                                                    metadata.loop());
                        });
    }

    /** Runs one round. Called and completed on the event loop. */
    public CompletableFuture<Void> runOnce() {
        long partitions = metadata.topics().all().stream().mapToLong(Topic::partitionCount).sum();
        OffloadPlan plan =
                OffloadPlan.of(
                        settings,
                        metadata.objects().extentsInMemory(),
                        partitions,
                        sparse::isReloaded,
                        reloads.withoutRoom()::contains,
                        clock.millis());
        return new ExtentOffloader(metadata, bucket, duties, plan, manifestIds, metrics)
                .run()
                .thenComposeAsync(done -> reloads.run(), metadata.loop())
                .thenComposeAsync(done -> sparse.run(), metadata.loop());
    }
}

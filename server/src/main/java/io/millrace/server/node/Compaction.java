package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.VerifiedClock;
import io.millrace.compaction.bucket.OrphanMetrics;
import io.millrace.compaction.bucket.OrphanSettings;
import io.millrace.compaction.bucket.OrphanSweep;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.offload.OffloadJob;
import io.millrace.compaction.offload.OffloadMetrics;
import io.millrace.compaction.offload.OffloadSettings;
import io.millrace.compaction.retention.RetentionJob;
import io.millrace.compaction.retention.RetentionMetrics;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.compaction.sweep.ObjectSweep;
import io.millrace.compaction.sweep.SweepMetrics;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.compaction.usage.UsageSurvey;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Compaction jobs of a node: retention, merges, offloading, deletion and orphan search. Any thread.
 */
@SystemAccess("creates the threads of merges and passes the system clock to the jobs")
final class Compaction {

    /** Pause between the end of one merge check and the start of the next. */
    private static final Duration MERGE_INTERVAL = Duration.ofSeconds(5);

    /** Enough to write a few large upload parts. More heap allows more concurrent merges. */
    private static final long HEAP_BYTES_PER_MERGE = 96L << 20;

    private static final int MAX_MERGES = 8;

    private static final Duration DUTY_CHECK_INTERVAL = Duration.ofMillis(50);

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final RetentionJob retention;
    private final CompactionScheduler merges;
    private final MergeMetrics mergeMetrics;
    private final OffloadMetrics offloadedRangesMetrics;
    private final OffloadJob offloadedRanges;
    private final SweepMetrics sweepMetrics;
    private final ObjectSweep sweep;
    private final OrphanSweep orphans;
    private final UsageSurvey survey;

    /**
     * @param maxExtents the number of extents in memory at which nodes reject producers
     */
    @SuppressWarnings("TooManyParameters")
    Compaction(
            ServerSettings settings,
            Metadata metadata,
            ObjectStore bucket,
            IntFunction<ObjectStore> forMerges,
            RecentObjects recent,
            CompactionDuties duties,
            long mergeBytes,
            long maxExtents,
            ProducerLoad producers,
            MeterRegistry registry,
            CloseStack closing) {
        this.metadata = metadata;
        this.duties = duties;
        String cluster = settings.cluster();
        InstantSource clock = InstantSource.system();
        VerifiedClock verifiedClock = new VerifiedClock(metadata, bucket, cluster, clock, registry);
        retention =
                new RetentionJob(
                        metadata,
                        duties,
                        verifiedClock,
                        settings.retentionInterval(),
                        new RetentionMetrics(registry));
        int merging = (int) Math.clamp(mergeBytes / HEAP_BYTES_PER_MERGE, 1, MAX_MERGES);
        MergeSettings each = settings(settings.merges(), mergeBytes / merging);
        mergeMetrics = new MergeMetrics(registry);
        offloadedRangesMetrics = new OffloadMetrics(registry);
        merges =
                new CompactionScheduler(
                        metadata,
                        forMerges.apply(merging * each.connections()),
                        recent,
                        cluster,
                        duties,
                        verifiedClock,
                        each,
                        producers,
                        workers(merging, closing),
                        mergeMetrics);
        offloadedRanges =
                new OffloadJob(
                        metadata,
                        bucket,
                        duties,
                        OffloadSettings.of(
                                cluster,
                                settings.merges().offloadExtents(),
                                maxExtents / 2,
                                settings.merges().segmentBytes() / 2,
                                settings.retentionInterval()),
                        clock,
                        offloadedRangesMetrics);
        sweepMetrics = new SweepMetrics(registry);
        sweep =
                new ObjectSweep(
                        metadata,
                        bucket,
                        cluster,
                        duties,
                        settings.retentionInterval(),
                        settings.deleteGrace(),
                        sweepMetrics);
        orphans =
                new OrphanSweep(
                        metadata,
                        bucket,
                        duties,
                        new OrphanSettings(
                                cluster,
                                settings.orphanInterval(),
                                settings.deleteGrace(),
                                settings.uploadGrace()),
                        new OrphanMetrics(registry));
        survey = new UsageSurvey(metadata, duties, settings.retentionInterval(), registry);
    }

    private static MergeSettings settings(ServerSettings.Merges merges, long memoryBytes) {
        return MergeSettings.of(
                merges.blockBytes(),
                merges.delay(),
                merges.fanIn(),
                merges.segmentBytes(),
                memoryBytes,
                merges.bytesPerSecond(),
                MERGE_INTERVAL);
    }

    /** Returns dedicated threads: copying and checking batches takes too long for an event loop. */
    private static List<ExecutorService> workers(int merges, CloseStack closing) {
        List<ExecutorService> workers = new ArrayList<>();
        for (int i = 0; i < merges; i++) {
            ExecutorService worker =
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name("millrace-merge-" + i).factory());
            closing.add(worker::shutdownNow);
            workers.add(worker);
        }
        return workers;
    }

    void start() {
        retention.start();
        merges.start();
        offloadedRanges.start();
        sweep.start();
        orphans.start();
        survey.start();
    }

    /** A node that has just joined may be missing in the local view of the cluster. */
    private void awaitDuties(CompletableFuture<Void> seen) {
        if (duties.isCompacting(metadata.incarnation())) {
            seen.complete(null);
        } else {
            metadata.loop().schedule(DUTY_CHECK_INTERVAL, () -> awaitDuties(seen));
        }
    }

    /** Runs each job once, even after a failed job. The future fails with the first failure. */
    CompletableFuture<CompactionSummary> runOnce() {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        metadata.loop().runNowOrLater(() -> awaitDuties(seen));
        CompletableFuture<Void> retained = after(seen, retention::runOnce);
        CompletableFuture<Integer> merged = after(retained, merges::runAllDue);
        CompletableFuture<Void> offloaded = after(merged, offloadedRanges::runOnce);
        CompletableFuture<Void> searched = after(offloaded, orphans::runOnce);
        return after(searched, sweep::runOnce)
                .thenCombine(
                        merged,
                        (done, segments) ->
                                new CompactionSummary(
                                        segments,
                                        mergeMetrics.damagedObjects()
                                                + offloadedRangesMetrics.damagedRanges(),
                                        sweepMetrics.undeletedObjects()));
    }

    private <T> CompletableFuture<T> after(
            CompletableFuture<?> before, Supplier<CompletableFuture<T>> step) {
        CompletableFuture<T> now =
                before.handleAsync((done, failure) -> step.get(), metadata.loop())
                        .thenCompose(same -> same);
        return before.thenCombine(now, (then, result) -> result);
    }
}

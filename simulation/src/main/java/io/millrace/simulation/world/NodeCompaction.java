package io.millrace.simulation.world;

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
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** The compaction jobs of a process, with short intervals and low thresholds. */
final class NodeCompaction {

    private static final int MAX_PARTS = 64;

    private final Membership membership;
    private final MetadataReplica replica;
    private final ObjectStore bucket;
    private final MeterRegistry meters;
    private final BooleanSupplier seesNoOtherNode;

    /**
     * @param isAlone whether the node sees no other compaction node
     */
    NodeCompaction(
            Membership membership,
            MetadataReplica replica,
            ObjectStore bucket,
            MeterRegistry meters,
            BooleanSupplier isAlone) {
        this.seesNoOtherNode = isAlone;
        this.membership = membership;
        this.replica = replica;
        this.bucket = bucket;
        this.meters = meters;
    }

    private CompactionDuties duties() {
        return new CompactionDuties(this::visibleNodes);
    }

    private List<RegisteredNode> visibleNodes() {
        List<RegisteredNode> members = membership.nodes();
        long self = replica.incarnation();
        return seesNoOtherNode.getAsBoolean()
                ? members.stream().filter(member -> member.incarnation() == self).toList()
                : members;
    }

    /** Returns the duties of jobs that reduce extents; none while stopped. */
    private CompactionDuties dutiesUnlessStopped(BooleanSupplier stopped) {
        return new CompactionDuties(() -> stopped.getAsBoolean() ? List.of() : visibleNodes());
    }

    /** Deletes unreferenced objects, some of them during reads. */
    void sweep(Duration minGrace, int maxMoreMillis, SplittableRandom random) {
        new ObjectSweep(
                        replica,
                        bucket,
                        SimulatedCluster.NAME,
                        duties(),
                        FaultState.between(random, 200, 3000),
                        minGrace.plus(FaultState.between(random, 0, maxMoreMillis)),
                        new SweepMetrics(meters))
                .start();
    }

    private VerifiedClock verified(InstantSource clock) {
        return new VerifiedClock(replica, bucket, SimulatedCluster.NAME, clock, meters);
    }

    /** Merges while clients trim and delete. */
    void merge(
            RecentObjects recent,
            InstantSource clock,
            BooleanSupplier stopped,
            MergeMetrics metrics,
            SplittableRandom random) {
        int maxPauseMillis = 400 << random.nextInt(4);
        int segmentBytes = 2048 << random.nextInt(8);
        new CompactionScheduler(
                        replica,
                        bucket,
                        recent,
                        SimulatedCluster.NAME,
                        dutiesUnlessStopped(stopped),
                        verified(clock),
                        new MergeSettings(
                                1 + random.nextInt(4),
                                2_048 << random.nextInt(5),
                                FaultState.between(random, 200, maxPauseMillis),
                                2 + random.nextInt(4),
                                segmentBytes,
                                5 + random.nextInt(40),
                                64 << 10,
                                writeBytes(segmentBytes, random),
                                500 << random.nextInt(6),
                                0,
                                FaultState.between(random, 300, maxPauseMillis)),
                        ProducerLoad.NONE,
                        Collections.nCopies(1 + random.nextInt(3), replica.loop()),
                        metrics)
                .start();
    }

    /**
     * Returns a size for small parts, but few enough that an upload completes before the age of an
     * abort.
     */
    private int writeBytes(int segmentBytes, SplittableRandom random) {
        int min = bucket.uploads().minPartBytes();
        return Math.max(segmentBytes / MAX_PARTS, min * (1 + random.nextInt(6)));
    }

    /** Starts retention, which must delete nothing too early, however far the clocks differ. */
    void retain(InstantSource clock, SplittableRandom random) {
        new RetentionJob(
                        replica,
                        duties(),
                        verified(clock),
                        FaultState.between(random, 100, 3000),
                        new RetentionMetrics(meters))
                .start();
    }

    /** Offloads nearly all extents, some before a merge, and reloads trimmed extents. */
    void offload(
            InstantSource clock,
            BooleanSupplier stopped,
            OffloadMetrics metrics,
            SplittableRandom random) {
        new OffloadJob(
                        replica,
                        bucket,
                        dutiesUnlessStopped(stopped),
                        new OffloadSettings(
                                SimulatedCluster.NAME,
                                random.nextInt(1 << random.nextInt(6)),
                                Long.MAX_VALUE,
                                1 + random.nextInt(1 << random.nextInt(4)),
                                1 + random.nextInt(40),
                                random.nextInt(2),
                                FaultState.between(random, 100, 2000)),
                        clock,
                        metrics)
                .start();
    }

    /** Condemns orphans, some just before the writer's commit, and aborts old multipart uploads. */
    void searchForOrphans(Duration minGrace, Duration uploadAge, SplittableRandom random) {
        new OrphanSweep(
                        replica,
                        bucket,
                        duties(),
                        new OrphanSettings(
                                SimulatedCluster.NAME,
                                FaultState.between(random, 20, 20 << random.nextInt(8)),
                                minGrace.plus(
                                        FaultState.between(random, 1, 1 << random.nextInt(13))),
                                uploadAge),
                        new OrphanMetrics(meters))
                .start();
    }
}

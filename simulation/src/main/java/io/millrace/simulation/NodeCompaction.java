package io.millrace.simulation;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.ObjectSweep;
import io.millrace.compaction.RetentionJob;
import io.millrace.compaction.RetentionMetrics;
import io.millrace.compaction.SweepMetrics;
import io.millrace.compaction.bucket.OrphanMetrics;
import io.millrace.compaction.bucket.OrphanSettings;
import io.millrace.compaction.bucket.OrphanSweep;
import io.millrace.compaction.merge.MergeJob;
import io.millrace.compaction.merge.MergeMetrics;
import io.millrace.compaction.merge.MergeSettings;
import io.millrace.compaction.merge.RecentObjects;
import io.millrace.compaction.shelf.ShelfJob;
import io.millrace.compaction.shelf.ShelfMetrics;
import io.millrace.compaction.shelf.ShelfSettings;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.PartedUpload;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** What a process makes of old data, in more haste than anybody would let it have. */
final class NodeCompaction {

    private final Membership membership;
    private final MetadataReplica replica;
    private final ObjectStore bucket;
    private final MeterRegistry meters;
    private final BooleanSupplier isAlone;

    /**
     * @param isAlone whether it sees now no other node that compacts, and does the work of all
     */
    NodeCompaction(
            Membership membership,
            MetadataReplica replica,
            ObjectStore bucket,
            MeterRegistry meters,
            BooleanSupplier isAlone) {
        this.isAlone = isAlone;
        this.membership = membership;
        this.replica = replica;
        this.bucket = bucket;
        this.meters = meters;
    }

    private CompactionDuties duties() {
        return new CompactionDuties(this::seen);
    }

    private List<Member> seen() {
        List<Member> members = membership.members();
        long self = replica.incarnation();
        return isAlone.getAsBoolean()
                ? members.stream().filter(one -> one.incarnation() == self).toList()
                : members;
    }

    /** Those for what makes extents fewer, which nobody thinks it has to do for a while. */
    private CompactionDuties dutiesUnlessStopped(BooleanSupplier stopped) {
        return new CompactionDuties(() -> stopped.getAsBoolean() ? List.of() : seen());
    }

    /** Deletes objects that nothing needs any more, some of them while others still read them. */
    void sweep(SplittableRandom random) {
        new ObjectSweep(
                        replica,
                        bucket,
                        Cluster.NAME,
                        duties(),
                        Weather.between(random, 200, 3000),
                        Weather.between(random, 1, 5000),
                        new SweepMetrics(meters))
                .start();
    }

    /**
     * Merges what was just written, and merges that again, while others trim and delete.
     *
     * @param stopped whether nothing is merged now
     */
    void merge(
            RecentObjects recent,
            InstantSource clock,
            BooleanSupplier stopped,
            SplittableRandom random) {
        int mostPauseMillis = 400 << random.nextInt(4);
        new MergeJob(
                        replica,
                        bucket,
                        recent,
                        Cluster.NAME,
                        dutiesUnlessStopped(stopped),
                        clock,
                        new MergeSettings(
                                1 + random.nextInt(4),
                                2_048 << random.nextInt(5),
                                Weather.between(random, 200, mostPauseMillis),
                                2 + random.nextInt(4),
                                2048 << random.nextInt(8),
                                5 + random.nextInt(40),
                                64 << 10,
                                PartedUpload.LEAST_PART_BYTES,
                                500 << random.nextInt(6),
                                0,
                                Weather.between(random, 300, mostPauseMillis)),
                        Collections.nCopies(1 + random.nextInt(3), replica.loop()),
                        new MergeMetrics(meters))
                .start();
    }

    /** Lets go of what is older than a week: nothing is, however far clocks are apart here. */
    void retain(InstantSource clock, SplittableRandom random) {
        new RetentionJob(
                        replica,
                        duties(),
                        clock,
                        Weather.between(random, 100, 3000),
                        new RetentionMetrics(meters))
                .start();
    }

    /**
     * Lets nearly everything leave memory, some of it before it is merged, and brings back what is
     * trimmed.
     */
    void shelve(SplittableRandom random) {
        new ShelfJob(
                        replica,
                        bucket,
                        duties(),
                        new ShelfSettings(
                                Cluster.NAME,
                                random.nextInt(1 << random.nextInt(6)),
                                1 + random.nextInt(1 << random.nextInt(4)),
                                1 + random.nextInt(40),
                                random.nextInt(2),
                                Weather.between(random, 100, 2000)),
                        new ShelfMetrics(meters))
                .start();
    }

    /** Condemns what nothing names, some of it just before its writer would have named it. */
    void searchForOrphans(InstantSource clock, SplittableRandom random) {
        new OrphanSweep(
                        replica,
                        bucket,
                        duties(),
                        new OrphanSettings(
                                Cluster.NAME,
                                Weather.between(random, 20, 20 << random.nextInt(8)),
                                Weather.between(random, 1, 1 << random.nextInt(13))),
                        clock,
                        new OrphanMetrics(meters))
                .start();
    }
}

package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.identity.IdentityReplacement;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.etcd.EtcdRestore;
import io.millrace.metadata.restore.BucketComparison;
import io.millrace.metadata.restore.LogReplay;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.restore.RestorePlanner;
import io.millrace.metadata.restore.RestoreRefusedException;
import io.millrace.server.node.ClusterAccess;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The restore of a cluster from its bucket, or from a backup of it, into an empty etcd. Reads and
 * verifies everything before it writes. Blocks; one thread; used once.
 */
public final class ClusterRestore {

    /** A bucket and its name in messages. */
    public record Place(ClusterAccess.Bucket bucket, String name) {}

    /** A backup to restore from. */
    public record Backup(ObjectStore store, String name) {}

    private final String cluster;
    private final Place target;
    private final Optional<Backup> backup;
    private final EtcdRestore etcd;
    private final RandomGenerator random;
    private final Consumer<String> out;
    private final LogSource bucketLog;
    private final LogSource source;

    /**
     * @param backup the backup whose objects are copied into the bucket first; empty to restore
     *     from the bucket alone
     * @param out the receiver of the lines of the report
     */
    public ClusterRestore(
            String cluster,
            Place target,
            Optional<Backup> backup,
            EtcdRestore etcd,
            RandomGenerator random,
            Consumer<String> out) {
        this.cluster = cluster;
        this.target = target;
        this.backup = backup;
        this.etcd = etcd;
        this.random = random;
        this.out = out;
        this.bucketLog = new LogSource(target.bucket().metadata(), cluster, target.name(), random);
        this.source =
                backup.map(from -> new LogSource(from.store(), cluster, from.name(), random))
                        .orElse(bucketLog);
    }

    /**
     * Restores the cluster and reports the restored point and the losses.
     *
     * @throws RestoreRefusedException if the restore is impossible or unsafe
     * @throws RuntimeException if etcd or the bucket fails, or is in use
     */
    public void run(RestoreOptions options) {
        await(etcd.requireEmpty());
        RestorePlan plan =
                RestorePlanner.plan(source.logs(), options.generation(), options.target());
        source.requireObjects(plan);
        describe(plan);
        LogReplay replay = source.replay(plan);
        RestoreReport report = new RestoreReport(cluster, plan, replay.state(), out);
        report.formerLog();
        report.restoredPoint(time(replay));
        @Nullable BucketComparison comparison = null;
        if (options.verifiesObjects()) {
            comparison = compare(replay);
            List<ObjectRef> inBackup = inBackup(comparison);
            report.objects(comparison, inBackup.size());
            requireNone(comparison, inBackup, options);
            if (!inBackup.isEmpty() && !options.isDryRun()) {
                copyObjects(inBackup);
                comparison = compare(replay);
                requireNone(comparison, List.of(), options);
            }
        }
        report.losses();
        if (options.isDryRun()) {
            out.accept("Dry run: nothing was written.");
            return;
        }
        copyLog(plan);
        BucketComparison listed = comparison;
        RestoredLogWriter.Restored restored =
                new RestoredLogWriter(
                                bucketLog.past(),
                                new IdentityReplacement(
                                        target.bucket().metadata(), cluster, random),
                                etcd,
                                bucketLog::manifestKeys)
                        .write(
                                plan,
                                replay.state(),
                                key -> listed != null && listed.hasMetadata(key));
        out.accept(
                "Restored: cluster %s has the generation %d and the identity %s. Start the nodes."
                        .formatted(cluster, restored.generation(), restored.identity()));
    }

    private void describe(RestorePlan plan) {
        List<ManifestEntry> objects = plan.objects();
        out.accept(
                "Plan: log of generation %d, %s and %d archives, %,d bytes, up to %s."
                        .formatted(
                                plan.log().key().generation(),
                                plan.startsAtCheckpoint()
                                        ? "checkpoint of entry " + plan.start().getPosition()
                                        : "no checkpoint",
                                plan.archives().size(),
                                objects.stream().mapToLong(ManifestEntry::sizeBytes).sum(),
                                plan.target()));
        for (RestorableLog other : plan.others()) {
            out.accept(
                    "Other log in %s: generation %d up to entry %d (--generation %d)."
                            .formatted(
                                    backup.map(Backup::name).orElse(target.name()),
                                    other.key().generation(),
                                    other.end(),
                                    other.key().generation()));
        }
    }

    /** Returns the time of the newest restored record; empty if there are no records. */
    private static Optional<Instant> time(LogReplay replay) {
        return replay.newestBlock()
                .or(() ->
                        replay.state().objects().referencedObjects().stream()
                                .map(StoredObject::storedMs)
                                .filter(time -> time != Long.MIN_VALUE)
                                .max(Long::compare)
                                .map(Instant::ofEpochMilli));
    }

    private BucketComparison compare(LogReplay replay) {
        BucketComparison comparison = new BucketComparison(cluster, replay.state().objects());
        new BucketRegions(target.bucket().records(), cluster).list(comparison);
        return comparison;
    }

    /** Returns the missing objects that the backup has. */
    private List<ObjectRef> inBackup(BucketComparison comparison) {
        if (backup.isEmpty() || comparison.missing().isEmpty()) {
            return List.of();
        }
        Set<String> there = new TreeSet<>();
        new BucketRegions(backup.get().store(), cluster)
                .list(page -> page.forEach(object -> there.add(object.name())));
        return comparison.missing().stream()
                .filter(ref -> there.contains(ref.id().key(cluster).value()))
                .toList();
    }

    private void copyObjects(List<ObjectRef> found) {
        new ObjectTransfer(
                        new StreamObjectCopy(
                                backup.orElseThrow().store(), target.bucket().records(), cluster),
                        out)
                .copy(found);
    }

    /**
     * Refuses the restore if objects are missing.
     *
     * @param inBackup missing objects that will be copied
     */
    private void requireNone(
            BucketComparison comparison, List<ObjectRef> inBackup, RestoreOptions options) {
        Set<ObjectRef> lost = new LinkedHashSet<>(comparison.missing());
        inBackup.forEach(lost::remove);
        if (lost.isEmpty() || options.allowsMissing() || options.isDryRun()) {
            return;
        }
        throw new RestoreRefusedException(
                "%s lacks %d of %d objects with records, or has them with another size: %s. The bucket is half copied, or the objects were deleted after this point. Copy them again, choose another point with --to, or lose their records with --allow-missing. Nothing was restored."
                        .formatted(
                                target.name(),
                                lost.size(),
                                comparison.referenced(),
                                LogSource.names(
                                        lost.stream()
                                                .map(ref -> ref.id().key(cluster).value())
                                                .toList())));
    }

    /** Copies the manifest and its objects from the backup, so that the log stays restorable. */
    private void copyLog(RestorePlan plan) {
        if (backup.isEmpty()) {
            return;
        }
        for (ManifestEntry object : plan.objects()) {
            if (!bucketLog.has(object)) {
                await(source.past().copy(object, target.bucket().metadata()));
            }
        }
        ManifestKey key = plan.log().key();
        if (!bucketLog.manifestKeys().contains(key)) {
            await(bucketLog.past().putManifest(key, plan.log().manifest()));
        }
    }
}

package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.restore.BucketComparison;
import io.millrace.metadata.restore.LogReplay;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.restore.RestorePlanner;
import io.millrace.metadata.restore.RestoreTarget;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A backup of a cluster: the newest checkpoint and the archives after it, on request with all
 * objects that they reference, in another bucket under the same keys. The manifest is written last,
 * so that an interrupted backup has none. Objects that the target has are skipped. The cluster may
 * run meanwhile. Blocks; one thread.
 */
public final class ClusterBackup {

    /** The nodes delete objects while a backup runs; the next attempt skips what was copied. */
    private static final int ATTEMPTS = 3;

    private final String cluster;
    private final ClusterRestore.Place from;
    private final ObjectStore to;
    private final LogSource source;
    private final LogSource target;
    private final Consumer<String> out;

    /**
     * @param to the part of a bucket that receives the backup
     * @param name the name of that part, for messages
     */
    public ClusterBackup(
            String cluster,
            ClusterRestore.Place from,
            ObjectStore to,
            String name,
            RandomGenerator random,
            Consumer<String> out) {
        this.cluster = cluster;
        this.from = from;
        this.to = to;
        this.source = new LogSource(from.bucket().metadata(), cluster, from.name(), random);
        this.target = new LogSource(to, cluster, name, random);
        this.out = out;
    }

    /**
     * Copies the newest state.
     *
     * @param withObjects whether to copy the objects with records too
     * @throws io.millrace.metadata.restore.RestoreRefusedException if the bucket has no log
     * @throws RuntimeException if a bucket fails or an object is damaged
     */
    public void run(boolean withObjects) {
        for (int attempt = 1; ; attempt++) {
            try {
                copy(withObjects);
                return;
            } catch (RuntimeException failure) {
                if (attempt == ATTEMPTS || !isMissing(failure)) {
                    throw failure;
                }
                out.accept("The cluster deleted an object meanwhile. Starting again.");
            }
        }
    }

    private static boolean isMissing(Throwable failure) {
        return FutureFailures.unwrap(failure) instanceof ObjectStoreException.Missing;
    }

    private void copy(boolean withObjects) {
        RestorePlan plan =
                RestorePlanner.plan(
                        source.logs(), OptionalLong.empty(), new RestoreTarget.Newest());
        int copied = 0;
        long bytes = 0;
        for (ManifestEntry object : plan.objects()) {
            if (!target.has(object)) {
                await(source.past().copy(object, to));
                copied++;
                bytes += object.sizeBytes();
            }
        }
        out.accept(
                "Metadata: %d checkpoints and archives up to entry %d; copied %d of them, %,d bytes."
                        .formatted(plan.objects().size(), plan.log().end(), copied, bytes));
        if (withObjects) {
            copyObjects(plan);
        }
        RestorableLog log = plan.log();
        LogManifest manifest = log.manifest().withoutOlderPoints();
        await(target.past().putManifest(log.key(), manifest));
        out.accept("Complete: %s.".formatted(log.key().key(cluster)));
    }

    private void copyObjects(RestorePlan plan) {
        LogReplay replay = source.replay(plan);
        BucketComparison there = new BucketComparison(cluster, replay.state().objects());
        new BucketRegions(to, cluster).list(there);
        List<ObjectRef> missing = new ArrayList<>(there.missing());
        out.accept(
                "Objects: %d referenced, %,d bytes; %d to copy, %,d bytes."
                        .formatted(
                                there.referenced(),
                                there.referencedBytes(),
                                missing.size(),
                                missing.stream().mapToLong(ObjectRef::sizeBytes).sum()));
        new ObjectTransfer(new StreamObjectCopy(from.bucket().records(), to, cluster), out)
                .copy(missing);
    }
}

package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.IdentityReplacement;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.log.etcd.EtcdRestore;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.restore.RestoreRefusedException;
import io.millrace.metadata.state.MetadataState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The writing part of a restore: a checkpoint of the restored state, the new identity and the new
 * manifest in the bucket, then the log in etcd in one transaction. If an earlier step fails, its
 * objects are deleted, the bucket gets its former identity again, and etcd has no log. Blocks; one
 * thread; used once.
 */
final class RestoredLogWriter {

    private final LogArchiveStore past;
    private final IdentityReplacement identity;
    private final EtcdRestore etcd;
    private final Supplier<Set<ManifestKey>> manifestKeys;
    private final List<String> written = new ArrayList<>();

    /**
     * @param manifestKeys the copies of manifests that are in the bucket now
     */
    RestoredLogWriter(
            LogArchiveStore past,
            IdentityReplacement identity,
            EtcdRestore etcd,
            Supplier<Set<ManifestKey>> manifestKeys) {
        this.past = past;
        this.identity = identity;
        this.etcd = etcd;
        this.manifestKeys = manifestKeys;
    }

    /** The result of a restore. */
    record Restored(long generation, ClusterId identity) {}

    /**
     * Writes the log.
     *
     * @param isPresent whether the bucket has an older checkpoint or archive
     */
    Restored write(RestorePlan plan, MetadataState state, Predicate<String> isPresent) {
        RestorableLog former = plan.log();
        Set<ManifestKey> known = manifestKeys.get();
        List<ClusterId> identities = await(identity.current());
        await(etcd.claim());
        boolean mayExist = false;
        try {
            StoredCheckpoint checkpoint = checkpoint(state);
            long generation = 1 + newestGeneration(known, plan);
            LogManifest manifest =
                    former.manifest()
                            .restoredTo(checkpoint, former.key().key(past.cluster()), isPresent);
            if (!manifestKeys.get().equals(known)) {
                throw new RestoreRefusedException(
                        "The log manifests in the bucket changed meanwhile, so nodes or another restore use the bucket and nothing was restored. Stop all nodes of the cluster, then run this command again.");
            }
            await(identity.run(identities));
            ManifestKey key = past.newManifestKey(generation, manifest);
            LogManifest copied = manifest.withCopy(key.key(past.cluster()));
            written.add(key.key(past.cluster()).value());
            await(past.putManifest(key, copied));
            mayExist = true;
            await(etcd.create(identity.id(), generation, copied));
            return new Restored(generation, identity.id());
        } catch (RuntimeException failure) {
            if (mayExist && !(failure instanceof LogException.InUse)) {
                throw unknown(failure);
            }
            await(identity.undo(identities).exceptionally(ignored -> null));
            await(past.delete(written).exceptionally(ignored -> null));
            throw failure;
        } finally {
            await(etcd.release().exceptionally(ignored -> null));
        }
    }

    private static long newestGeneration(Set<ManifestKey> known, RestorePlan plan) {
        return Stream.of(
                        known.stream(),
                        Stream.of(plan.log().key()),
                        plan.others().stream().map(RestorableLog::key))
                .flatMap(Function.identity())
                .mapToLong(ManifestKey::generation)
                .max()
                .orElse(0);
    }

    /** The objects of the log stay in the bucket, because the log may exist. */
    private static LogException unknown(RuntimeException failure) {
        return new LogException.Unavailable(
                "etcd did not confirm the restored log, so it may exist or not (%s). Start the nodes; if they find no log, run this command again."
                        .formatted(failure.getMessage()),
                failure);
    }

    private StoredCheckpoint checkpoint(MetadataState state) {
        StoredCheckpoint stored =
                await(past.putCheckpoint(state.entries(), state.digest(), state.snapshot()));
        written.add(stored.getKey());
        return await(past.withStorageTime(stored));
    }
}

package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.IdentityReplacement;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.log.etcd.EtcdRestore;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestoreRefusedException;
import io.millrace.metadata.state.MetadataState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The writing part of a restore: a checkpoint of the restored state, the new identity and the new
 * manifest in the bucket, then the log in etcd in one transaction. If an earlier step fails, its
 * objects are deleted, and etcd has no log. Blocks; one thread; used once.
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
    Restored write(RestorableLog former, MetadataState state, Predicate<String> isPresent) {
        Set<ManifestKey> known = manifestKeys.get();
        List<ClusterId> identities = await(identity.current());
        await(etcd.claim());
        try {
            StoredCheckpoint checkpoint = checkpoint(state);
            long generation = 1 + known.stream().mapToLong(ManifestKey::generation).max().orElse(0);
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
            await(etcd.create(identity.id(), generation, copied));
            return new Restored(generation, identity.id());
        } catch (RuntimeException failure) {
            await(past.delete(written).exceptionally(ignored -> null));
            throw failure;
        } finally {
            await(etcd.release().exceptionally(ignored -> null));
        }
    }

    private StoredCheckpoint checkpoint(MetadataState state) {
        StoredCheckpoint stored =
                await(past.putCheckpoint(state.entries(), state.digest(), state.snapshot()));
        written.add(stored.getKey());
        return await(past.withStorageTime(stored));
    }
}

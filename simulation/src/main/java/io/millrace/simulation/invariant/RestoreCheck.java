package io.millrace.simulation.invariant;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.state.MetadataState;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Restores the metadata from every usable checkpoint and the later entries. The result must equal
 * the state of all nodes. Every object that an intermediate state references must stay in the
 * bucket.
 */
public final class RestoreCheck {

    private final Supplier<byte[]> manifestNow;
    private final MemoryObjectStore bucket;
    private final LogArchiveStore past;
    private final WholeLog log;
    private final Violations violations;
    private byte[] manifestSeen = new byte[0];
    private LogManifest manifest = LogManifest.EMPTY;

    private final Set<ObjectKey> listedObjects = new HashSet<>();

    /** The first entry that a restore may start after. */
    private long restorableFrom;

    private long restores;

    /**
     * @param manifestNow the log manifest in etcd; empty if there is none
     * @param bucket answers synchronously
     */
    public RestoreCheck(
            Supplier<byte[]> manifestNow,
            MemoryObjectStore bucket,
            WholeLog log,
            Violations violations) {
        this.manifestNow = manifestNow;
        this.bucket = bucket;
        this.past = new LogArchiveStore(bucket, SimulatedCluster.NAME, new SplittableRandom(0));
        this.log = log;
        this.violations = violations;
    }

    public void entry() {
        check();
    }

    public void deleting(Collection<ObjectKey> keys) {
        check();
        for (ObjectKey key : keys) {
            violations.check(
                    ObjectId.parse(key, SimulatedCluster.NAME).filter(this::isNeeded).isEmpty(),
                    "%s is being deleted, but a restore from entry %d on needs it",
                    key,
                    manifest.oldestPosition());
            violations.check(
                    !listedObjects.contains(key),
                    "%s is being deleted, but the log manifest lists it",
                    key);
        }
    }

    /** Returns whether any restorable state references the object. */
    private boolean isNeeded(ObjectId id) {
        return log.references().counts().isReferencedSince(id, restorableFrom);
    }

    public void checkEnd() {
        check();
        restore();
    }

    public long restores() {
        return restores;
    }

    private void check() {
        byte[] now = manifestNow.get();
        if (!Arrays.equals(now, manifestSeen)) {
            manifestSeen = now;
            manifest = LogManifest.parse(now, "the manifest");
            restore();
        }
    }

    private void restore() {
        Set<ObjectKey> there = new HashSet<>(bucket.keys());
        listedObjects.clear();
        manifest.referencedKeys().forEach(key -> listedObjects.add(new ObjectKey(key)));
        for (ObjectKey key : listedObjects) {
            violations.check(
                    there.contains(key), "%s is in the log manifest, but not in the bucket", key);
        }
        restorableFrom = Long.MAX_VALUE;
        Set<String> begins = startingPoints();
        if (begins.contains("")) {
            restore("nothing", new MetadataState(TestLevels.TWO), there);
        }
        for (ObjectKey key : there) {
            ArchiveKey.parse(key, SimulatedCluster.NAME)
                    .filter(archiveKey -> archiveKey.kind() == ArchiveKey.Kind.CHECKPOINT)
                    .filter(archiveKey ->
                            begins.contains(key.value())
                                    || manifest.mayBeReferencedLater(archiveKey))
                    .ifPresent(archiveKey -> restore(key, there));
        }
    }

    /**
     * Returns the newest and the oldest checkpoint: a restore from any checkpoint between passes
     * through the same states.
     */
    private Set<String> startingPoints() {
        Set<String> begins = new HashSet<>();
        begins.add(manifest.checkpoint().map(StoredCheckpoint::getKey).orElse(""));
        manifest.superseded().stream().limit(1).map(StoredCheckpoint::getKey).forEach(begins::add);
        return begins;
    }

    private void restore(ObjectKey checkpoint, Set<ObjectKey> there) {
        try {
            restore(
                    checkpoint.value(),
                    CheckpointCodec.decode(
                            readWhole(checkpoint), checkpoint.value(), TestLevels.TWO),
                    there);
        } catch (CorruptMetadataException broken) {
            violations.add("%s cannot be read: %s".formatted(checkpoint, broken.getMessage()));
        }
    }

    private byte[] readWhole(ObjectKey key) {
        long size = bucket.list(key.value(), "", 1).join().objects().getFirst().sizeBytes();
        return bucket.getRange(key, new ByteRange(0, (int) size)).join();
    }

    /**
     * @param state the state at the start; at the end equal to all nodes' state
     * @param there all keys in the bucket
     */
    private void restore(String from, MetadataState state, Set<ObjectKey> there) {
        restores++;
        long start = state.entries();
        restorableFrom = Math.min(restorableFrom, start);
        for (StoredArchive archive : manifest.archivesAfter(start)) {
            replay(archive, state);
        }
        violations.check(
                state.entries() >= manifest.firstLivePosition() - 1,
                "a restore from %s reaches entry %d, but live entries start at %d",
                from,
                state.entries(),
                manifest.firstLivePosition());
        while (state.entries() < log.newest() && violations.first() == null) {
            state.apply(EntryCodec.decode(log.entryAt(state.entries() + 1)));
        }
        violations.check(
                Arrays.equals(
                        CheckpointCodec.encode(state.snapshot()),
                        CheckpointCodec.encode(log.state().snapshot())),
                "a restore from %s has a different state after entry %d than the nodes",
                from,
                log.newest());
        List<ObjectId> missing =
                log.references().counts().referencedSince(start).stream()
                        .filter(id -> !there.contains(id.key(SimulatedCluster.NAME)))
                        .toList();
        violations.check(
                missing.isEmpty(),
                "a restore from %s needs %s, which are not in the bucket",
                from,
                missing);
    }

    private void replay(StoredArchive archive, MetadataState state) {
        violations.check(
                archive.getFirstPosition() <= state.entries() + 1,
                "entries %d to %d are in no retained archive",
                state.entries() + 1,
                archive.getFirstPosition() - 1);
        EpochFrames.EpochContent content;
        try {
            content = past.archive(archive).join();
        } catch (CompletionException broken) {
            violations.add("%s cannot be read: %s".formatted(archive.getKey(), broken.getCause()));
            return;
        }
        for (byte[] entry :
                content.entries()
                        .subList(firstNewEntry(content, state), content.entries().size())) {
            state.apply(EntryCodec.decode(entry));
        }
        violations.check(
                archive.getDigest() == LogManifest.NO_DIGEST
                        || archive.getDigest() == state.digest(),
                "%s should end with digest %016x, but ends with %016x",
                archive.getKey(),
                archive.getDigest(),
                state.digest());
    }

    /** Returns how many entries of an archive a state has already applied. */
    private static int firstNewEntry(EpochFrames.EpochContent archive, MetadataState state) {
        long known = state.entries() + 1 - archive.firstPosition();
        return (int) Math.clamp(known, 0, archive.entries().size());
    }
}

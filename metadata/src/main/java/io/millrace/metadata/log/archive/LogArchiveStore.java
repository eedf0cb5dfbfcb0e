package io.millrace.metadata.log.archive;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.SequentialRead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The archives and checkpoints of a log in the bucket. One thread at a time. Futures complete on
 * the bucket's threads and fail with its failures.
 */
public final class LogArchiveStore {

    private static final int PIECE_BYTES = 8 << 20;
    private static final int PAGE = 1000;

    private final ObjectStore bucket;
    private final String cluster;
    private final RandomGenerator random;

    public LogArchiveStore(ObjectStore bucket, String cluster, RandomGenerator random) {
        this.bucket = bucket;
        this.cluster = cluster;
        this.random = random;
    }

    /**
     * Writes an archive.
     *
     * @param bytes the epoch in the format of {@link EpochFrames}; owned by the bucket after the
     *     call
     */
    public CompletableFuture<StoredArchive> putArchive(
            long epoch, long firstPosition, long entries, byte[] bytes) {
        ObjectKey key = newKey(ArchiveKey.Kind.ARCHIVE, epoch);
        StoredArchive stored =
                StoredArchive.newBuilder()
                        .setKey(key.value())
                        .setSizeBytes(bytes.length)
                        .setEpoch(epoch)
                        .setFirstPosition(firstPosition)
                        .setEntries(entries)
                        .build();
        return PartedUpload.put(bucket, key, bytes).thenApply(done -> stored);
    }

    /** Encodes and writes a checkpoint. Encoding must not run on an event loop. */
    public CompletableFuture<StoredCheckpoint> putCheckpoint(
            long position, long digest, StateSnapshot snapshot) {
        byte[] bytes = CheckpointCodec.encode(snapshot);
        ObjectKey key = newKey(ArchiveKey.Kind.CHECKPOINT, position);
        StoredCheckpoint stored =
                StoredCheckpoint.newBuilder()
                        .setKey(key.value())
                        .setSizeBytes(bytes.length)
                        .setPosition(position)
                        .setDigest(digest)
                        .build();
        return PartedUpload.put(bucket, key, bytes).thenApply(done -> stored);
    }

    /** Returns the checkpoint with its storage time by the bucket's clock. Costs a LIST request. */
    public CompletableFuture<StoredCheckpoint> withStorageTime(StoredCheckpoint checkpoint) {
        return bucket.list(checkpoint.getKey(), "", 1)
                .thenApply(page ->
                        page.objects().stream()
                                .filter(object -> object.name().equals(checkpoint.getKey()))
                                .map(object ->
                                        checkpoint.toBuilder()
                                                .setStoredMs(object.lastModified().toEpochMilli())
                                                .build())
                                .findFirst()
                                .orElse(checkpoint));
    }

    private ObjectKey newKey(ArchiveKey.Kind kind, long number) {
        return new ArchiveKey(kind, number, random.nextLong()).key(cluster);
    }

    /**
     * Reads the entries of an archive.
     *
     * @return fails with {@link LogException.Corrupt} if the archive is damaged
     */
    public CompletableFuture<EpochFrames.EpochContent> archive(StoredArchive past) {
        return fetch(past.getKey(), past.getSizeBytes()).thenApply(bytes -> check(past, bytes));
    }

    static EpochFrames.EpochContent check(StoredArchive past, byte[] bytes) {
        String name = "archive " + past.getKey();
        EpochFrames.EpochContent content = EpochFrames.read(bytes, name);
        if (content.soundBytes() != past.getSizeBytes()
                || content.entries().size() != past.getEntries()
                || content.firstPosition() != past.getFirstPosition()
                || content.epoch() != past.getEpoch()) {
            throw EpochFrames.corrupt(name, content.soundBytes());
        }
        return content;
    }

    public CompletableFuture<byte[]> checkpoint(StoredCheckpoint checkpoint) {
        return fetch(checkpoint.getKey(), checkpoint.getSizeBytes());
    }

    /**
     * Verifies an archive or checkpoint and writes it to another bucket under the same key.
     *
     * @return fails with an {@link io.millrace.storage.object.ObjectStoreException}
     */
    public CompletableFuture<Void> copy(ManifestEntry past, ObjectStore target) {
        return fetch(past.key().value(), past.sizeBytes())
                .thenCompose(bytes -> {
                    ArchiveVerifier.check(past, bytes);
                    return PartedUpload.put(target, past.key(), bytes);
                });
    }

    private CompletableFuture<byte[]> fetch(String key, long sizeBytes) {
        byte[] whole = new byte[(int) sizeBytes];
        SequentialRead read = bucket.openRange(new ObjectKey(key), new ByteRange(0, whole.length));
        return fill(whole, 0, read).whenComplete((done, failure) -> read.close());
    }

    /** Reads in pieces, so that the bucket's deadline does not limit the size of an object. */
    private static CompletableFuture<byte[]> fill(byte[] whole, int from, SequentialRead read) {
        int length = Math.min(PIECE_BYTES, whole.length - from);
        return length == 0
                ? CompletableFuture.completedFuture(whole)
                : read.next(length)
                        .thenCompose(piece -> {
                            System.arraycopy(piece, 0, whole, from, length);
                            return fill(whole, from + length, read);
                        });
    }

    public String cluster() {
        return cluster;
    }

    /** Returns the key of a new copy of a manifest. */
    public ManifestKey newManifestKey(long generation, LogManifest manifest) {
        return ManifestKey.of(generation, manifest, random.nextLong());
    }

    /** Writes a copy of a manifest. */
    public CompletableFuture<Void> putManifest(ManifestKey key, LogManifest manifest) {
        return bucket.put(key.key(cluster), ObjectBody.of(ManifestCopy.encode(manifest)));
    }

    /**
     * Reads a copy of a manifest.
     *
     * @return fails with {@link LogException.Corrupt} if the copy is damaged
     */
    public CompletableFuture<LogManifest> manifest(ManifestKey key, long sizeBytes) {
        String name = key.key(cluster).value();
        return fetch(name, sizeBytes).thenApply(bytes -> ManifestCopy.decode(bytes, name));
    }

    /** Lists the copies of manifests, oldest first. Costs a LIST request for each 1,000. */
    public CompletableFuture<List<ListedObject>> manifests() {
        return manifests("", new ArrayList<>());
    }

    private CompletableFuture<List<ListedObject>> manifests(
            String after, List<ListedObject> found) {
        return bucket.list(ManifestKey.prefix(cluster), after, PAGE)
                .thenCompose(page -> {
                    page.objects().stream()
                            .filter(object -> ManifestKey.parse(object.name(), cluster).isPresent())
                            .forEach(found::add);
                    return page.truncated()
                            ? manifests(page.objects().getLast().name(), found)
                            : CompletableFuture.completedFuture(found);
                });
    }

    /**
     * Deletes older copies, which interrupted sealers and former logs left. While a former log
     * stays, so do the copies of all other generations: they may be newer than its copy.
     *
     * @param kept the copy of a former log that stays
     */
    public CompletableFuture<Void> deleteManifestsBefore(
            ManifestKey own, Optional<ObjectKey> kept) {
        return manifests()
                .thenCompose(found -> {
                    List<String> old =
                            found.stream()
                                    .map(ListedObject::name)
                                    .filter(name ->
                                            !kept.map(ObjectKey::value).equals(Optional.of(name)))
                                    .filter(name ->
                                            ManifestKey.parse(name, cluster)
                                                    .filter(key -> key.compareTo(own) < 0)
                                                    .filter(key ->
                                                            kept.isEmpty()
                                                                    || key.generation()
                                                                            == own.generation())
                                                    .isPresent())
                                    .toList();
                    return old.isEmpty() ? CompletableFuture.completedFuture(null) : delete(old);
                });
    }

    /** Deletes objects. Idempotent. */
    public CompletableFuture<Void> delete(List<String> keys) {
        return bucket.delete(keys.stream().map(ObjectKey::new).toList())
                .thenAccept(DeleteResult::throwIfIncomplete);
    }
}

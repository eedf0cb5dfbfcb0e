package io.millrace.metadata.log.archive;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.SequentialRead;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The archives and checkpoints of a log in the bucket. One thread at a time. Futures complete on
 * the bucket's threads and fail with its failures.
 */
public final class LogArchiveStore {

    private static final int PIECE_BYTES = 8 << 20;

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

    /** Deletes objects. Idempotent. */
    public CompletableFuture<Void> delete(List<String> keys) {
        return bucket.delete(keys.stream().map(ObjectKey::new).toList())
                .thenAccept(DeleteResult::throwIfIncomplete);
    }
}

package io.millrace.metadata.log.archive;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Reads archives and checkpoints and checks all their checksums. One is in memory as a whole
 * meanwhile, as in a node that starts. Any thread.
 *
 * @param workers where checksums are computed
 */
public record ArchiveVerifier(ObjectStore bucket, Executor workers) {

    /**
     * Reads an object.
     *
     * @return fails with an {@link ObjectStoreException}, which is {@code Corrupt} and says what is
     *     damaged, or {@code Missing}, or says why it could not be read
     */
    public CompletableFuture<Void> read(ManifestEntry past) {
        return bucket.get(past.key(), new ByteRange(0, Math.toIntExact(past.sizeBytes())))
                .thenAcceptAsync(bytes -> check(past, bytes), workers);
    }

    private static void check(ManifestEntry past, byte[] bytes) {
        try {
            switch (past) {
                case ManifestEntry.Archive archive ->
                        LogArchiveStore.check(archive.stored(), bytes);
                case ManifestEntry.Checkpoint checkpoint ->
                        CheckpointCodec.check(bytes, "checkpoint " + checkpoint.key().value());
            }
        } catch (LogException.Corrupt | CorruptMetadataException e) {
            throw new ObjectStoreException.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }
}

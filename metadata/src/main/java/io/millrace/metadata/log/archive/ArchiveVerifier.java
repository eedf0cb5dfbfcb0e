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
 * Verifies the checksums of archives and checkpoints, with one whole object in memory at a time.
 * Any thread.
 */
public record ArchiveVerifier(ObjectStore bucket, Executor workers) {

    /**
     * Reads and verifies an object.
     *
     * @return fails with an {@link ObjectStoreException}: {@code Corrupt} with the damaged place,
     *     {@code Missing}, or the cause of a failed read
     */
    public CompletableFuture<Void> read(ManifestEntry past) {
        return bucket.getRange(past.key(), new ByteRange(0, Math.toIntExact(past.sizeBytes())))
                .thenAcceptAsync(bytes -> check(past, bytes), workers);
    }

    static void check(ManifestEntry past, byte[] bytes) {
        try {
            switch (past) {
                case ManifestEntry.Archive archive ->
                        LogArchiveStore.check(archive.stored(), bytes);
                case ManifestEntry.Checkpoint checkpoint ->
                        CheckpointCodec.verify(bytes, "checkpoint " + checkpoint.key().value());
            }
        } catch (LogException.Corrupt | CorruptMetadataException e) {
            throw new ObjectStoreException.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }
}

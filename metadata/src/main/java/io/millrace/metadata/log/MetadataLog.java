package io.millrace.metadata.log;

import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.concurrent.CompletableFuture;

/**
 * The totally ordered log of entries that all metadata derives from; the port to etcd and to local
 * files.
 *
 * <p>Owned by the event loop given at construction: methods, the follower and futures run there.
 * Nothing blocks. Futures fail with a {@link LogException}.
 */
public interface MetadataLog {

    /**
     * Returns the number of the cluster's life, from 1, once the log is open. A restore from a
     * backup raises it. Any thread.
     */
    long generation();

    /**
     * Opens the log and follows it. The follower receives the newest checkpoint, if any, then every
     * later entry in order, exactly once. Completes when the follower has received everything in
     * the log at the time of the call.
     */
    CompletableFuture<Void> open(LogFollower follower);

    /**
     * Appends an entry. Idempotent for the same bytes under the same identity. Completes after the
     * follower received the entry, and never exceptionally.
     *
     * @param bytes must not change after the call
     */
    CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes);

    /** Returns the end of the log, for barriers. */
    CompletableFuture<LogPosition> head();

    /**
     * Seals epochs that reached their maximum age and deletes garbage. Called about every second.
     */
    void maintain();

    /** Returns whether enough entries follow the last checkpoint for a new checkpoint. */
    boolean isCheckpointDue();

    /**
     * Stores a checkpoint, unless the log has a newer one; may be retried. Covered entries may be
     * deleted afterwards.
     *
     * @param position the last covered entry
     * @param digest verified when the checkpoint is read
     */
    CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot);

    /**
     * Returns the current manifest. A log opened from now on starts at this manifest's checkpoint
     * or later, and reads only objects that the manifest or a successor references.
     */
    CompletableFuture<LogManifest> manifest();

    /** Any thread. */
    LogStatistics statistics();

    /** Finishes pending work within a few seconds and releases the log to other processes. */
    CompletableFuture<Void> close();
}

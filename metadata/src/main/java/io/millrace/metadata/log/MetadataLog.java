package io.millrace.metadata.log;

import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.concurrent.CompletableFuture;

/**
 * The totally ordered log of entries that all metadata derives from. Older entries are folded into
 * checkpoints and archives. The port to etcd and to local files.
 *
 * <p>Owned by the event loop that it was constructed with: methods are called there, and the log
 * calls its follower and completes its futures there. Nothing blocks.
 */
public interface MetadataLog {

    /**
     * Opens the log and follows it. The follower receives the newest checkpoint, if there is one,
     * then every later entry in order, exactly once.
     *
     * @return completes when the follower has received everything that was in the log at the time
     *     of the call; fails with a {@link LogException}
     */
    CompletableFuture<Void> open(LogFollower follower);

    /**
     * Appends an entry. Idempotent for the same bytes under the same identity. Completes after the
     * follower received the entry, and never exceptionally.
     *
     * @param bytes the entry; must not change after the call
     */
    CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes);

    /**
     * Returns the end of the log at present, which a barrier waits for.
     *
     * @return fails with a {@link LogException} if the log cannot be reached
     */
    CompletableFuture<LogPosition> head();

    /**
     * Seals epochs that reached their maximum age and deletes garbage. Called about every second.
     */
    void maintain();

    /**
     * Returns whether enough entries follow the last checkpoint for a new checkpoint to pay off.
     */
    boolean isCheckpointDue();

    /**
     * Stores a checkpoint. Entries that the checkpoint covers may be deleted afterwards.
     *
     * @param position the position of the last entry in the checkpoint
     * @param digest the digest of the state, which is verified when the checkpoint is read
     * @param snapshot the state after that entry
     * @return completes when the checkpoint is stored; fails with a {@link LogException}, after
     *     which the call may be retried
     */
    CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot);

    /**
     * Returns the current manifest. A reader that opens the log from now on never returns to a
     * state before the manifest's checkpoint and never reads an object that the manifest does not
     * reference.
     *
     * @return fails with a {@link LogException} if the log cannot be reached
     */
    CompletableFuture<LogManifest> manifest();

    /** Returns statistics for metrics. Any thread. */
    LogStatistics statistics();

    /**
     * Finishes pending work within a few seconds and releases the log. Completes when another
     * process may open the log.
     */
    CompletableFuture<Void> close();
}

package io.millrace.metadata.log;

import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.concurrent.CompletableFuture;

/**
 * The totally ordered list of entries that all metadata derives from, with its past folded into
 * checkpoints and archives. The port to etcd and to a local file.
 *
 * <p>Owned by the loop that it was made with: its methods are called there, and there it calls its
 * follower and completes its futures. Nothing blocks.
 */
public interface MetadataLog {

    /**
     * Reads the log and goes on following it: first the newest checkpoint, if there is one, then
     * every entry behind it, in order, each exactly once.
     *
     * @return completes when the follower has everything that was in the log when it was called;
     *     fails with a {@link LogException}
     */
    CompletableFuture<Void> open(LogFollower follower);

    /**
     * Puts an entry at the log's end. Safe to repeat with the same bytes under the same identity.
     * Completes after the follower got the entry; never exceptionally.
     *
     * @param bytes unchanged from now on
     */
    CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes);

    /**
     * The end of the log now: what a barrier waits for.
     *
     * @return fails with a {@link LogException} if the log cannot be reached
     */
    CompletableFuture<LogPosition> head();

    /** Seals what is old enough and tidies up. To be called every second or so. */
    void maintain();

    /** Whether there is so much behind the last checkpoint that a new one would pay. */
    boolean wantsCheckpoint();

    /**
     * Keeps a checkpoint, after which what it covers may go.
     *
     * @param position of the last entry in it
     * @param digest of the state, to be compared when it is read
     * @param snapshot of the state after that entry
     * @return completes when it is kept; fails with a {@link LogException} and may be tried again
     */
    CompletableFuture<Void> keepCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot);

    /**
     * Where the log has its past now. Nobody who reads it from now on comes to a state before its
     * checkpoint, or looks into an object that it does not name.
     *
     * @return fails with a {@link LogException} if the log cannot be reached
     */
    CompletableFuture<LogManifest> manifest();

    /** Bytes and seals so far, for metrics. Any thread. */
    LogFigures figures();

    /**
     * Finishes what was handed in, as far as that takes seconds and not longer, and lets go of the
     * log. Completes when another may open it.
     */
    CompletableFuture<Void> close();
}

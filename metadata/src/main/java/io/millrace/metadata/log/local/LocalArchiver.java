package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Moves sealed epochs and checkpoints into the bucket, one at a time and concurrently with appends.
 * Retries a failed step at the next {@link #archiveNext}; only corruption ends archiving. Owned by
 * its event loop.
 */
final class LocalArchiver {

    private static final Logger LOG = Logger.getLogger(LocalArchiver.class);

    private interface Step {
        void run() throws IOException;
    }

    private final EventLoop loop;
    private final Executor background;
    private final LogArchive archive;
    private final EpochFiles files;
    private final Consumer<LogException.Corrupt> corrupt;
    private final ArrayDeque<EpochFiles.SealedEpoch> sealed = new ArrayDeque<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private boolean busy;
    private boolean closing;
    private LogManifest manifest = LogManifest.EMPTY;

    /**
     * @param background an executor that runs one task at a time and may block
     * @param corrupt the callback for a damaged epoch, on the event loop
     */
    LocalArchiver(
            EventLoop loop,
            Executor background,
            LogArchive archive,
            EpochFiles files,
            Consumer<LogException.Corrupt> corrupt) {
        this.loop = loop;
        this.background = background;
        this.archive = archive;
        this.files = files;
        this.corrupt = corrupt;
    }

    /**
     * @param left the epochs that an earlier process left as files
     */
    void start(List<EpochFiles.SealedEpoch> left) {
        sealed.addAll(left);
        manifest = archive.manifest();
    }

    void add(EpochFiles.SealedEpoch epoch) {
        sealed.add(epoch);
        archiveNext();
    }

    LogManifest manifest() {
        return manifest;
    }

    /** Returns the number of archives after the checkpoint; 0 while no checkpoint can be stored. */
    int uncovered() {
        return busy || closing ? 0 : manifest.uncovered().size();
    }

    void archiveNext() {
        if (busy || closing || sealed.isEmpty()) {
            finishClosing();
            return;
        }
        EpochFiles.SealedEpoch next = sealed.getFirst();
        run(() -> archive.archive(next, files), failure -> archived(next, failure));
    }

    private void archived(EpochFiles.SealedEpoch epoch, @Nullable Exception failure) {
        if (failure == null) {
            sealed.removeFirst();
            archiveNext();
            return;
        }
        if (failure instanceof LogException.Corrupt bad) {
            closing = true;
            corrupt.accept(bad);
        } else {
            LOG.warnf(
                    "epoch %d cannot be archived and remains a local file until a retry: %s",
                    epoch.epoch(), failure.getMessage());
        }
        finishClosing();
    }

    CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        CompletableFuture<Void> kept = new CompletableFuture<>();
        run(
                () -> archive.storeCheckpoint(position.entry(), digest, snapshot),
                failure -> {
                    if (failure == null) {
                        kept.complete(null);
                    } else {
                        kept.completeExceptionally(
                                new LogException.Unavailable(
                                        String.valueOf(failure.getMessage()), failure));
                    }
                    archiveNext();
                });
        return kept;
    }

    private void run(Step step, Consumer<@Nullable Exception> after) {
        busy = true;
        background.execute(() -> {
            @Nullable Exception failure = null;
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
            @Nullable Exception result = failure;
            LogManifest now = archive.manifest();
            loop.execute(() -> {
                busy = false;
                manifest = now;
                after.accept(result);
            });
        });
    }

    /** Starts no further step; completes when no step runs. */
    CompletableFuture<Void> close() {
        closing = true;
        finishClosing();
        return closed;
    }

    private void finishClosing() {
        if (closing && !busy) {
            closed.complete(null);
        }
    }
}

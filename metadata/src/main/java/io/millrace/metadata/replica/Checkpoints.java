package io.millrace.metadata.replica;

import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.state.MetadataState;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Stores checkpoints when the log requests them, one at a time. Owned by the replica's event loop.
 */
final class Checkpoints {

    private static final Logger LOG = Logger.getLogger(Checkpoints.class);

    private final EventLoop loop;
    private final MetadataLog log;
    private final MetadataMetrics metrics;
    private boolean inProgress;
    private boolean lastFailed;

    Checkpoints(EventLoop loop, MetadataLog log, MetadataMetrics metrics) {
        this.loop = loop;
        this.log = log;
        this.metrics = metrics;
    }

    /**
     * Takes a checkpoint if due. Must precede {@link MetadataLog#maintain}: a log that seals at
     * every call would never take a checkpoint. After a failed checkpoint, sealing runs first.
     */
    void takeIfDue(LogPosition position, MetadataState state) {
        boolean sealFirst = lastFailed;
        lastFailed = false;
        if (!sealFirst && !inProgress && log.isCheckpointDue()) {
            take(position, state);
        }
    }

    private void take(LogPosition position, MetadataState state) {
        long startNanos = loop.nanoTime();
        StateSnapshot snapshot = state.snapshot();
        metrics.snapshot.record(Duration.ofNanos(loop.nanoTime() - startNanos));
        CompletableFuture<?> stored = log.storeCheckpoint(position, state.digest(), snapshot);
        inProgress = true;
        var unused =
                stored.whenComplete((done, failure) -> {
                    inProgress = false;
                    if (failure == null) {
                        metrics.checkpoint.record(Duration.ofNanos(loop.nanoTime() - startNanos));
                    } else {
                        lastFailed = true;
                        LOG.warnf(
                                "a checkpoint could not be stored and will be retried: %s",
                                failure.getMessage());
                    }
                });
    }
}

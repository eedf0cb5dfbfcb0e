package io.millrace.metadata.replica;

import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.SnapshotCopy;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stores checkpoints when the log requests them, one at a time. Copies the state in slices of a few
 * milliseconds, between which entries are applied. Owned by the replica's event loop.
 */
final class Checkpoints {

    private static final Logger LOG = Logger.getLogger(Checkpoints.class);

    /** The maximum number of partitions, or other rows, of a slice. */
    static final int ROWS_PER_SLICE = 5_000;

    /** The time for which a complete copy waits for a log that became busy meanwhile. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(1);

    private record Copying(SnapshotCopy copy, LogPosition position, long digest, long atNanos) {}

    private record Copied(LogPosition position, long digest, StateSnapshot state, long atNanos) {}

    private final EventLoop loop;
    private final MetadataLog log;
    private final MetadataMetrics metrics;
    private @Nullable Copied waiting;
    private boolean inProgress;
    private boolean lastFailed;
    private boolean closed;

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
        if (waiting != null && loop.nanoTime() - waiting.atNanos >= MAX_WAIT.toNanos()) {
            waiting = null;
        }
        if (sealFirst || inProgress || !log.isCheckpointDue()) {
            return;
        }
        if (waiting != null) {
            store(waiting);
        } else {
            inProgress = true;
            long nowNanos = loop.nanoTime();
            proceed(
                    new Copying(state.beginSnapshot(), position, state.digest(), nowNanos),
                    nowNanos);
        }
    }

    private void proceed(Copying copying, long sliceNanos) {
        if (closed) {
            copying.copy.cancel();
            return;
        }
        Optional<StateSnapshot> complete = copying.copy.proceed(ROWS_PER_SLICE);
        metrics.snapshot.record(Duration.ofNanos(loop.nanoTime() - sliceNanos));
        if (complete.isEmpty()) {
            loop.execute(() -> proceed(copying, loop.nanoTime()));
            return;
        }
        Copied copied =
                new Copied(copying.position, copying.digest, complete.get(), copying.atNanos);
        if (log.isCheckpointDue()) {
            store(copied);
        } else {
            inProgress = false;
            waiting = copied;
        }
    }

    private void store(Copied copied) {
        inProgress = true;
        waiting = null;
        var unused =
                log.storeCheckpoint(copied.position, copied.digest, copied.state)
                        .whenComplete((done, failure) -> {
                            inProgress = false;
                            if (failure == null) {
                                metrics.checkpoint.record(
                                        Duration.ofNanos(loop.nanoTime() - copied.atNanos));
                            } else {
                                lastFailed = true;
                                metrics.checkpointFailures.increment();
                                LOG.warnf(
                                        "a checkpoint could not be stored and will be retried: %s",
                                        failure.getMessage());
                            }
                        });
    }

    /** Stops a copy in progress. */
    void close() {
        closed = true;
    }
}

package io.millrace.compaction.throttle;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Rate limiter of all writes by merges of a node: each request waits for the time of all earlier
 * bytes. Adapts the rate to the load of producers every second. Any thread.
 */
public final class MergeRateLimiter {

    private static final double NANOS = 1e9;

    /** Interval between updates of the rate. */
    private static final long CHECK_NANOS = 1_000_000_000;

    private final EventLoop loop;
    private final long maxBytesPerSecond;
    private final ProducerLoad producers;
    private final MergeThrottlePolicy deference;
    private final MergeMetrics metrics;

    /** Bytes requested so far. Guarded by this, like the following fields. */
    private long takenBytes;

    /** Bytes permitted until {@code untilNanos}. */
    private double pastBytes;

    private long untilNanos;
    private long checkedNanos;
    private long bytesPerSecond;

    /**
     * @param maxBytesPerSecond 0 for no limit
     * @param producers load of the producers that merges yield to
     */
    public MergeRateLimiter(
            EventLoop loop, long maxBytesPerSecond, ProducerLoad producers, MergeMetrics metrics) {
        this.loop = loop;
        this.maxBytesPerSecond = maxBytesPerSecond == 0 ? Long.MAX_VALUE : maxBytesPerSecond;
        this.producers = producers;
        this.metrics = metrics;
        deference = new MergeThrottlePolicy(producers.now());
        checkedNanos = loop.nanoTime();
        untilNanos = checkedNanos;
        bytesPerSecond = this.maxBytesPerSecond;
    }

    /** Returns a future that completes when the bytes may be written, here or on the event loop. */
    public CompletableFuture<Void> take(long bytes) {
        CompletableFuture<Void> may = new CompletableFuture<>();
        awaitTurn(turn(bytes), may);
        if (!may.isDone()) {
            long beginNanos = loop.nanoTime();
            return may.thenRun(() -> metrics.waited(loop.nanoTime() - beginNanos));
        }
        return may;
    }

    private synchronized long turn(long bytes) {
        // Idle time is not saved up for bursts.
        timePasses();
        long turn = takenBytes;
        takenBytes += bytes;
        return turn;
    }

    private void awaitTurn(long turn, CompletableFuture<Void> may) {
        long waitNanos = waitNanos(turn);
        if (waitNanos == 0) {
            may.complete(null);
        } else {
            loop.schedule(Duration.ofNanos(waitNanos), () -> awaitTurn(turn, may));
        }
    }

    /**
     * Returns the time until the next check. At most one update interval, since the rate may rise.
     */
    private synchronized long waitNanos(long turn) {
        timePasses();
        double ahead = turn - pastBytes;
        return ahead <= 0
                ? 0
                : (long) Math.ceil(Math.min(CHECK_NANOS, ahead / bytesPerSecond * NANOS));
    }

    private synchronized void timePasses() {
        long nowNanos = loop.nanoTime();
        double seconds = (nowNanos - untilNanos) / NANOS;
        untilNanos = nowNanos;
        pastBytes = Math.min(takenBytes, pastBytes + seconds * bytesPerSecond);
        if (nowNanos - checkedNanos >= CHECK_NANOS) {
            check(nowNanos);
        }
        if (bytesPerSecond == Long.MAX_VALUE) {
            pastBytes = takenBytes;
        }
    }

    private void check(long nowNanos) {
        double seconds = (nowNanos - checkedNanos) / NANOS;
        bytesPerSecond =
                Math.min(maxBytesPerSecond, deference.bytesPerSecond(producers.now(), seconds));
        checkedNanos = nowNanos;
    }
}

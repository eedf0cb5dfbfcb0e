package io.millrace.compaction.throttle;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A rate limiter of a node's merges: each request waits for the time of all earlier bytes. Adapts
 * the rate to the load of producers every second. Any thread.
 */
public final class MergeRateLimiter {

    private static final double NANOS = 1e9;

    private static final long UPDATE_NANOS = 1_000_000_000;

    private final EventLoop loop;
    private final long maxBytesPerSecond;
    private final ProducerLoad producers;
    private final MergeThrottlePolicy policy;
    private final MergeMetrics metrics;

    /** Guarded by this, like the following fields. */
    private long requestedBytes;

    /** Bytes permitted until {@code untilNanos}. */
    private double permittedBytes;

    private long untilNanos;
    private long checkedNanos;
    private long bytesPerSecond;

    /**
     * @param maxBytesPerSecond 0 for no limit
     */
    public MergeRateLimiter(
            EventLoop loop, long maxBytesPerSecond, ProducerLoad producers, MergeMetrics metrics) {
        this.loop = loop;
        this.maxBytesPerSecond = maxBytesPerSecond == 0 ? Long.MAX_VALUE : maxBytesPerSecond;
        this.producers = producers;
        this.metrics = metrics;
        policy = new MergeThrottlePolicy(producers.current());
        checkedNanos = loop.nanoTime();
        untilNanos = checkedNanos;
        bytesPerSecond = this.maxBytesPerSecond;
    }

    /** Completes when the bytes may be written, here or on the event loop. */
    public CompletableFuture<Void> acquire(long bytes) {
        CompletableFuture<Void> may = new CompletableFuture<>();
        await(reserve(bytes), may);
        if (!may.isDone()) {
            long beginNanos = loop.nanoTime();
            return may.thenRun(() -> metrics.delayed(loop.nanoTime() - beginNanos));
        }
        return may;
    }

    private synchronized long reserve(long bytes) {
        // Idle time is not saved up for bursts.
        advanceTime();
        long turn = requestedBytes;
        requestedBytes += bytes;
        return turn;
    }

    private void await(long turn, CompletableFuture<Void> may) {
        long waitNanos = waitNanos(turn);
        if (waitNanos == 0) {
            may.complete(null);
        } else {
            loop.schedule(Duration.ofNanos(waitNanos), () -> await(turn, may));
        }
    }

    /** Returns at most one update interval, since the rate may rise. */
    private synchronized long waitNanos(long turn) {
        advanceTime();
        double ahead = turn - permittedBytes;
        return ahead <= 0
                ? 0
                : (long) Math.ceil(Math.min(UPDATE_NANOS, ahead / bytesPerSecond * NANOS));
    }

    private synchronized void advanceTime() {
        long nowNanos = loop.nanoTime();
        double seconds = (nowNanos - untilNanos) / NANOS;
        untilNanos = nowNanos;
        permittedBytes = Math.min(requestedBytes, permittedBytes + seconds * bytesPerSecond);
        if (nowNanos - checkedNanos >= UPDATE_NANOS) {
            updateRate(nowNanos);
        }
        if (bytesPerSecond == Long.MAX_VALUE) {
            permittedBytes = requestedBytes;
        }
    }

    private void updateRate(long nowNanos) {
        double seconds = (nowNanos - checkedNanos) / NANOS;
        bytesPerSecond =
                Math.min(maxBytesPerSecond, policy.bytesPerSecond(producers.current(), seconds));
        checkedNanos = nowNanos;
    }
}

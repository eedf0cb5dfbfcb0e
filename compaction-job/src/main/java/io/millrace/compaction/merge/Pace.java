package io.millrace.compaction.merge;

import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * How fast the merges of a node write, all together: a second's bytes take a second, and whoever
 * comes meanwhile waits until those before it have had their time. Any thread.
 */
final class Pace {

    private static final double NANOS = 1e9;

    private final Loop loop;
    private final long bytesPerSecond;

    /** When the next one may begin. Guarded by this. */
    private long freeNanos;

    /**
     * @param bytesPerSecond 0 for as fast as they can
     */
    Pace(Loop loop, long bytesPerSecond) {
        this.loop = loop;
        this.bytesPerSecond = bytesPerSecond;
        this.freeNanos = loop.nanoTime();
    }

    /** Completes when so many bytes may be written, here or on the loop. */
    CompletableFuture<Void> take(long bytes) {
        long waitNanos = waitNanos(bytes);
        if (waitNanos == 0) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> may = new CompletableFuture<>();
        loop.schedule(Duration.ofNanos(waitNanos), () -> may.complete(null));
        return may;
    }

    private synchronized long waitNanos(long bytes) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        long nowNanos = loop.nanoTime();
        long beginNanos = freeNanos - nowNanos < 0 ? nowNanos : freeNanos;
        freeNanos = beginNanos + (long) (bytes * NANOS / bytesPerSecond);
        return beginNanos - nowNanos;
    }
}

package io.millrace.compaction.merge;

import io.millrace.runtime.loop.Loop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * How fast the merges of a node write, all together: a second's bytes take a second, and whoever
 * comes meanwhile waits until those before it have had their time. Any thread.
 */
final class Pace {

    private static final double NANOS = 1e9;

    /** Between two looks at the producers. */
    private static final long LOOK_NANOS = 1_000_000_000;

    private final Loop loop;
    private final long mostBytesPerSecond;
    private final ProducerLoad producers;
    private final Deference deference;
    private final MergeMetrics metrics;

    /** What was asked for. This and what follows is guarded by this. */
    private long takenBytes;

    /** For what of it there was time, until then. */
    private double pastBytes;

    private long untilNanos;
    private long lookedNanos;
    private long bytesPerSecond;

    /**
     * @param mostBytesPerSecond 0 for as fast as they can
     * @param producers to whom they give way
     */
    Pace(Loop loop, long mostBytesPerSecond, ProducerLoad producers, MergeMetrics metrics) {
        this.loop = loop;
        this.mostBytesPerSecond = mostBytesPerSecond == 0 ? Long.MAX_VALUE : mostBytesPerSecond;
        this.producers = producers;
        this.metrics = metrics;
        deference = new Deference(producers.now());
        lookedNanos = loop.nanoTime();
        untilNanos = lookedNanos;
        bytesPerSecond = this.mostBytesPerSecond;
    }

    /** Completes when so many bytes may be written, here or on the loop. */
    CompletableFuture<Void> take(long bytes) {
        CompletableFuture<Void> may = new CompletableFuture<>();
        awaitTurn(turn(bytes), may);
        if (!may.isDone()) {
            long beginNanos = loop.nanoTime();
            return may.thenRun(() -> metrics.waited(loop.nanoTime() - beginNanos));
        }
        return may;
    }

    private synchronized long turn(long bytes) {
        // Time in which nobody wanted to write is not saved up.
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

    /** How long to wait before asking again, as they may be faster then. */
    private synchronized long waitNanos(long turn) {
        timePasses();
        double ahead = turn - pastBytes;
        return ahead <= 0
                ? 0
                : (long) Math.ceil(Math.min(LOOK_NANOS, ahead / bytesPerSecond * NANOS));
    }

    private synchronized void timePasses() {
        long nowNanos = loop.nanoTime();
        double seconds = (nowNanos - untilNanos) / NANOS;
        untilNanos = nowNanos;
        pastBytes = Math.min(takenBytes, pastBytes + seconds * bytesPerSecond);
        if (nowNanos - lookedNanos >= LOOK_NANOS) {
            look(nowNanos);
        }
        if (bytesPerSecond == Long.MAX_VALUE) {
            pastBytes = takenBytes;
        }
    }

    private void look(long nowNanos) {
        double seconds = (nowNanos - lookedNanos) / NANOS;
        bytesPerSecond =
                Math.min(mostBytesPerSecond, deference.bytesPerSecond(producers.now(), seconds));
        lookedNanos = nowNanos;
    }
}

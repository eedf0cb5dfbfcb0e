package io.millrace.compaction.bucket;

import io.millrace.runtime.loop.EventLoop;
import java.time.Instant;

/**
 * A lower bound of the current time by the bucket's clock: the latest reported timestamp plus the
 * time since its receipt. Owned by the event loop.
 */
final class BucketClock {

    private final EventLoop loop;
    private Instant reported = Instant.EPOCH;
    private long receivedNanos;

    BucketClock(EventLoop loop) {
        this.loop = loop;
        this.receivedNanos = loop.nanoTime();
    }

    void received(Instant time) {
        if (time.isAfter(now())) {
            reported = time;
            receivedNanos = loop.nanoTime();
        }
    }

    Instant now() {
        return reported.plusNanos(loop.nanoTime() - receivedNanos);
    }
}

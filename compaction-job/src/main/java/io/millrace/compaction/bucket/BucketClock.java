package io.millrace.compaction.bucket;

import io.millrace.runtime.loop.EventLoop;
import java.time.Instant;

/**
 * What the time is at least by the bucket's own clock: what it told last, and as much later as was
 * heard ago. So no wrong clock of a machine makes anything in the bucket old. Owned by the loop.
 */
final class BucketClock {

    private final EventLoop loop;
    private Instant reported = Instant.EPOCH;
    private long receivedNanos;

    BucketClock(EventLoop loop) {
        this.loop = loop;
        this.receivedNanos = loop.nanoTime();
    }

    /** The bucket says that something happened then. */
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

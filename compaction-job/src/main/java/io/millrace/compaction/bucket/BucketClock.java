package io.millrace.compaction.bucket;

import io.millrace.runtime.loop.Loop;
import java.time.Instant;

/**
 * What the time is at least by the bucket's own clock: what it told last, and as much later as was
 * heard ago. So no wrong clock of a machine makes anything in the bucket old. Owned by the loop.
 */
final class BucketClock {

    private final Loop loop;
    private Instant told = Instant.EPOCH;
    private long heardNanos;

    BucketClock(Loop loop) {
        this.loop = loop;
        this.heardNanos = loop.nanoTime();
    }

    /** The bucket says that something happened then. */
    void heard(Instant time) {
        if (time.isAfter(now())) {
            told = time;
            heardNanos = loop.nanoTime();
        }
    }

    Instant now() {
        return told.plusNanos(loop.nanoTime() - heardNanos);
    }
}

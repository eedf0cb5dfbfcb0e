package io.millrace.kafka.fetch;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time that one request waits for records, from its arrival. Owned by the fetch node's event
 * loop.
 */
final class FetchWait {

    private final EventLoop loop;
    private final Runnable wake;
    private final long startNanos;
    private final Duration limit;
    private EventLoop.@Nullable Timer timer;

    /**
     * @param wake the callback of timers
     */
    FetchWait(EventLoop loop, Duration limit, Runnable wake) {
        this.loop = loop;
        this.limit = limit;
        this.wake = wake;
        this.startNanos = loop.nanoTime();
    }

    /** Returns the remaining time; zero if the request must be answered. */
    Duration left() {
        Duration left = limit.minusNanos(loop.nanoTime() - startNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Wakes the request at the end of its time, or earlier after a pause. */
    void wakeAfter(Duration pause) {
        cancel();
        Duration left = left();
        timer = loop.schedule(left.compareTo(pause) < 0 ? left : pause, wake);
    }

    /** Wakes the request at the end of its time. */
    void wakeAtEnd() {
        wakeAfter(left());
    }

    /** Cancels the timer. */
    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}

package io.millrace.cli.records;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides on the lines to print while a command waits: the reason, repeated at intervals, and the
 * end of the wait. Not thread-safe.
 */
final class WaitNotice {

    static final Duration MIN_REPORTED_WAIT = Duration.ofSeconds(1);

    static final Duration REPEAT_INTERVAL = Duration.ofSeconds(10);

    private boolean waiting;
    private long sinceNanos;
    private boolean reported;
    private long reportedNanos;

    /**
     * Updates the state and returns the line to print, if any.
     *
     * @param nowNanos the time of a monotonic clock
     * @param waitReason the reason of the wait; null if there is none
     */
    Optional<String> update(long nowNanos, @Nullable String waitReason) {
        if (waitReason == null) {
            boolean wasReported = reported;
            waiting = false;
            reported = false;
            return wasReported ? Optional.of("Resumed.") : Optional.empty();
        }
        if (!waiting) {
            waiting = true;
            sinceNanos = nowNanos;
        }
        boolean due =
                reported
                        ? nowNanos - reportedNanos >= REPEAT_INTERVAL.toNanos()
                        : nowNanos - sinceNanos >= MIN_REPORTED_WAIT.toNanos();
        if (!due) {
            return Optional.empty();
        }
        String prefix =
                reported
                        ? "Waiting for %d s: "
                                .formatted(Duration.ofNanos(nowNanos - sinceNanos).toSeconds())
                        : "Waiting: ";
        reported = true;
        reportedNanos = nowNanos;
        return Optional.of(prefix + waitReason);
    }
}

package io.millrace.cli.records;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a person is told while a command waits for the server: nothing at first, then why,
 * now and then that it lasts, and when it is over. Not thread-safe.
 */
final class WaitNotice {

    /** Trouble that is over sooner is not worth a line. */
    static final Duration QUIET = Duration.ofSeconds(1);

    /** Time between two lines about the same wait. */
    static final Duration BETWEEN = Duration.ofSeconds(10);

    private boolean waits;
    private long sinceNanos;
    private boolean reported;
    private long reportedNanos;

    /**
     * Takes in how things stand.
     *
     * @param trouble why it waits; null if it does not
     * @param nowNanos a monotonic clock
     * @return a line to show
     */
    Optional<String> at(long nowNanos, @Nullable String trouble) {
        if (trouble == null) {
            boolean over = reported;
            waits = false;
            reported = false;
            return over ? Optional.of("Going on.") : Optional.empty();
        }
        if (!waits) {
            waits = true;
            sinceNanos = nowNanos;
        }
        boolean due =
                reported
                        ? nowNanos - reportedNanos >= BETWEEN.toNanos()
                        : nowNanos - sinceNanos >= QUIET.toNanos();
        if (!due) {
            return Optional.empty();
        }
        String begin =
                reported
                        ? "Waiting for %d s: "
                                .formatted(Duration.ofNanos(nowNanos - sinceNanos).toSeconds())
                        : "Waiting: ";
        reported = true;
        reportedNanos = nowNanos;
        return Optional.of(begin + trouble);
    }
}

package io.millrace.cli.verify;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long a server acknowledged nothing while records waited for it, and what a person is told
 * about that. It is told what time it is. Not thread-safe.
 */
final class AckStallMonitor {

    /** What is over sooner is not worth a line. */
    static final Duration QUIET = Duration.ofSeconds(1);

    /** Time between two lines about the same absence. */
    static final Duration BETWEEN = Duration.ofSeconds(10);

    private final String server;
    private long waiting;
    private boolean waits;
    private long sinceNanos;
    private long maxNanos;
    private boolean reported;
    private long reportedNanos;
    private @Nullable String back;

    AckStallMonitor(String server) {
        this.server = server;
    }

    void sent(long nowNanos) {
        waiting++;
        if (!waits) {
            waits = true;
            sinceNanos = nowNanos;
        }
    }

    /** A record was given up; the server is as absent as before. */
    void failed() {
        waiting--;
    }

    void acknowledged(long nowNanos) {
        waiting--;
        maxNanos = max(nowNanos).toNanos();
        if (reported) {
            reported = false;
            back = server + " acknowledges again, after " + seconds(nowNanos) + " s.";
        }
        waits = waiting > 0;
        sinceNanos = nowNanos;
    }

    /** The longest absence so far, one that lasts included. */
    Duration max(long nowNanos) {
        return Duration.ofNanos(Math.max(maxNanos, waits ? nowNanos - sinceNanos : 0));
    }

    /**
     * A line to show.
     *
     * @param trouble why, as far as that is known
     */
    Optional<String> at(long nowNanos, Optional<String> trouble) {
        String line = back;
        if (line != null) {
            back = null;
            return Optional.of(line);
        }
        boolean due =
                waits
                        && (reported
                                ? nowNanos - reportedNanos >= BETWEEN.toNanos()
                                : nowNanos - sinceNanos >= QUIET.toNanos());
        if (!due) {
            return Optional.empty();
        }
        reported = true;
        reportedNanos = nowNanos;
        return Optional.of(
                "%s has acknowledged nothing for %s s%s"
                        .formatted(
                                server,
                                seconds(nowNanos),
                                trouble.map(why -> ": " + why).orElse(".")));
    }

    private String seconds(long nowNanos) {
        return seconds(Duration.ofNanos(nowNanos - sinceNanos));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }
}

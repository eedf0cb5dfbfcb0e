package io.millrace.cli.verify;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures stalls, the times without an acknowledgement while records are pending, and decides on
 * the lines to print. Not thread-safe.
 */
final class AckStallMonitor {

    static final Duration MIN_REPORTED_STALL = Duration.ofSeconds(1);

    static final Duration REPEAT_INTERVAL = Duration.ofSeconds(10);

    /** Shortest stall that {@link #drainEnded} returns. */
    static final Duration MIN_PAUSE = Duration.ofMillis(100);

    private static final int MAX_PAUSES = 10_000;

    /** A stall that ended, or that had not ended when sending did. */
    record Pause(long endNanos, Duration length) {}

    private final String server;
    private final List<Pause> ended = new ArrayList<>();
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

    /** Called when a record failed; does not end a stall. */
    void failed() {
        waiting--;
    }

    void acknowledged(long nowNanos) {
        waiting--;
        maxNanos = max(nowNanos).toNanos();
        Duration length = Duration.ofNanos(nowNanos - sinceNanos);
        if (waits && length.compareTo(MIN_PAUSE) >= 0 && ended.size() < MAX_PAUSES) {
            ended.add(new Pause(nowNanos, length));
        }
        if (reported) {
            reported = false;
            back = server + " acknowledges again, after " + seconds(nowNanos) + " s.";
        }
        waits = waiting > 0;
        sinceNanos = nowNanos;
    }

    /** Returns the longest stall so far, including a current stall. */
    Duration max(long nowNanos) {
        return Duration.ofNanos(Math.max(maxNanos, waits ? nowNanos - sinceNanos : 0));
    }

    /** Returns the stalls that ended since the last call, except short ones. */
    List<Pause> drainEnded() {
        List<Pause> drained = List.copyOf(ended);
        ended.clear();
        return drained;
    }

    /** Returns a line to print, if any. */
    Optional<String> update(long nowNanos, Optional<String> trouble) {
        String line = back;
        if (line != null) {
            back = null;
            return Optional.of(line);
        }
        boolean due =
                waits
                        && (reported
                                ? nowNanos - reportedNanos >= REPEAT_INTERVAL.toNanos()
                                : nowNanos - sinceNanos >= MIN_REPORTED_STALL.toNanos());
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

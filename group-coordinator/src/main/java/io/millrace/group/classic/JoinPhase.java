package io.millrace.group.classic;

import io.millrace.group.timing.Timeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time for which a rebalance waits for members. The first rebalance of a group waits for a
 * delay even if all known members have joined, and again while new members arrive; other rebalances
 * end when all members have joined. Owned by its group.
 */
final class JoinPhase {

    /** A phase that has not begun. */
    static final JoinPhase NONE = new JoinPhase();

    private final @Nullable Timeouts timeouts;
    private final Duration delay;
    private final Runnable onOver;
    private Duration remaining;
    private Timeouts.@Nullable Timeout timeout;
    private boolean delaying;
    private boolean added;
    private boolean timedOut;

    private JoinPhase() {
        this.timeouts = null;
        this.delay = Duration.ZERO;
        this.remaining = Duration.ZERO;
        this.onOver = () -> {};
    }

    /**
     * @param delay the time to wait for new members; zero to wait only for known members
     * @param limit the longest time to wait
     */
    JoinPhase(Timeouts timeouts, Duration delay, Duration limit, Runnable onOver) {
        this.timeouts = timeouts;
        this.delay = delay;
        this.onOver = onOver;
        this.delaying = !delay.isZero();
        this.remaining = limit;
        wait(delaying ? delay : limit);
    }

    private void wait(Duration time) {
        if (timeouts != null) {
            remaining = remaining.minus(time);
            timeout = timeouts.start(time, this::over);
        }
    }

    private void over() {
        if (delaying && added && remaining.isPositive()) {
            added = false;
            wait(delay.compareTo(remaining) < 0 ? delay : remaining);
        } else {
            timedOut = true;
            onOver.run();
        }
    }

    /** Records that a new member has joined. */
    void memberAdded() {
        added = true;
    }

    /**
     * @param complete whether all known members have joined
     */
    boolean isOver(boolean complete) {
        return timedOut || (complete && !delaying);
    }

    void cancel() {
        if (timeout != null) {
            timeout.cancel();
        }
    }
}

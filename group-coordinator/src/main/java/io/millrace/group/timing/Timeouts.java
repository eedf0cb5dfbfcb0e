package io.millrace.group.timing;

import java.time.Duration;

/**
 * Starts timeouts on a wheel. To extend a timeout costs as much as to set a field. Pure: the clock
 * and the wheel are advanced by their owner. Owned by the metadata's event loop.
 */
public final class Timeouts {

    private final PausableClock clock;
    private final TimingWheel wheel;

    public Timeouts(PausableClock clock, TimingWheel wheel) {
        this.clock = clock;
        this.wheel = wheel;
    }

    /** Starts a timeout. The task runs once, unless the timeout is cancelled before. */
    public Timeout start(Duration time, Runnable task) {
        Timeout timeout = new Timeout(task);
        timeout.tick = clock.after(time);
        wheel.add(timeout);
        return timeout;
    }

    /** A running, elapsed or cancelled timeout. */
    public final class Timeout implements TimingWheel.Deadline {

        private final Runnable task;
        private long tick;

        private Timeout(Runnable task) {
            this.task = task;
        }

        @Override
        public long tick() {
            return tick;
        }

        @Override
        public void due() {
            tick = NEVER;
            task.run();
        }

        /** Moves the end to at least this time from now; without effect after the end. */
        public void extend(Duration time) {
            if (tick != NEVER) {
                tick = Math.max(tick, clock.after(time));
            }
        }

        /** Prevents the task; without effect after the end. */
        public void cancel() {
            tick = NEVER;
        }
    }
}

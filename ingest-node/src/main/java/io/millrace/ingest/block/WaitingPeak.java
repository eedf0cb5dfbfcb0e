package io.millrace.ingest.block;

import java.time.Duration;

/**
 * The largest number of produce requests that waited for their replies at the same time, within the
 * last one to two periods. Pure; the time that the caller passes must not decrease.
 */
public final class WaitingPeak {

    private final long periodNanos;
    private long periodBeganNanos;
    private int current;
    private int previous;

    public WaitingPeak(Duration period, long nowNanos) {
        this.periodNanos = period.toNanos();
        this.periodBeganNanos = nowNanos;
    }

    /**
     * Records a number of waiting requests.
     *
     * @return the peak, at least this number
     */
    public int record(int waiting, long nowNanos) {
        long elapsedNanos = nowNanos - periodBeganNanos;
        if (elapsedNanos >= periodNanos) {
            previous = elapsedNanos < 2 * periodNanos ? current : 0;
            current = 0;
            periodBeganNanos = nowNanos;
        }
        current = Math.max(current, waiting);
        return Math.max(previous, current);
    }
}

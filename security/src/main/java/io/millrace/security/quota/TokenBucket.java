package io.millrace.security.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that is charged after the fact: a charge always succeeds, and a bucket in debt
 * delays later work until the debt is paid. A bucket that was idle has tokens for the burst. Any
 * thread.
 *
 * <p>The state is one number, the time at which the bucket is out of debt (the "theoretical arrival
 * time" of the generic cell rate algorithm, ITU-T I.371).
 */
public final class TokenBucket {

    /** Debts are cut off at this time, about 36 years, so that times stay comparable. */
    private static final long MAX_DEBT_NANOS = 1L << 60;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double nanosPerUnit;
    private final long burstNanos;
    private final AtomicLong paidAtNanos;

    /**
     * @param perSecond the rate in units, positive. Charges that take less than 50 ns at the rate
     *     are rounded noticeably
     * @param burstNanos the time whose units an idle bucket collects
     * @param nowNanos the current time of a monotonic clock
     */
    public TokenBucket(double perSecond, long burstNanos, long nowNanos) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("a rate must be positive: " + perSecond);
        }
        this.nanosPerUnit = NANOS_PER_SECOND / perSecond;
        this.burstNanos = burstNanos;
        this.paidAtNanos = new AtomicLong(nowNanos - burstNanos);
    }

    /**
     * Takes units out of the bucket, whether they are there or not.
     *
     * @param units 0 or more
     */
    public void charge(long units, long nowNanos) {
        long cost = (long) Math.min(Math.rint(units * nanosPerUnit), MAX_DEBT_NANOS);
        long before;
        long after;
        do {
            before = paidAtNanos.get();
            long from = before - nowNanos < -burstNanos ? nowNanos - burstNanos : before;
            long debt = Math.min(from - nowNanos + cost, MAX_DEBT_NANOS);
            after = nowNanos + debt;
        } while (!paidAtNanos.compareAndSet(before, after));
    }

    /** Returns the time until the debt is paid; 0 without debt. */
    public long delayNanos(long nowNanos) {
        return Math.max(0, paidAtNanos.get() - nowNanos);
    }

    /** Returns whether the bucket has all tokens of its burst, as a new bucket has. */
    public boolean isFull(long nowNanos) {
        return paidAtNanos.get() - nowNanos <= -burstNanos;
    }
}

package io.millrace.cli.terminal;

import io.millrace.runtime.SystemAccess;
import java.util.concurrent.locks.LockSupport;

/**
 * The due times of an open-loop load, independent of delays of earlier records.
 *
 * @param perSecond the rate in bytes or records a second; 0 for no limit
 */
@SystemAccess("reads the clock and waits for due times")
public record RatePacer(double perSecond, boolean ofRecords) {

    private static final long MIN_SLEEP_NANOS = 1_000_000;

    /** Parses {@code 500k}, {@code 1M} (bytes a second) or {@code 10l} (lines a second). */
    public static RatePacer parse(String text) {
        boolean lines = text.endsWith("l");
        String number = lines ? text.substring(0, text.length() - 1) : text;
        return new RatePacer(SizeConverter.parse(number), lines);
    }

    public RatePacer scaled(double factor) {
        return new RatePacer(perSecond * factor, ofRecords);
    }

    public boolean limited() {
        return perSecond > 0;
    }

    /** Waits until the next unit is due. Returns the due time on the clock of {@link #now}. */
    public long awaitDue(long startNanos, long bytesSoFar, long recordsSoFar) {
        if (!limited()) {
            return System.nanoTime();
        }
        double done = ofRecords ? recordsSoFar : bytesSoFar;
        long due = startNanos + (long) (done / perSecond * 1e9);
        // Above 1,000 records a second, waking up for each record would cost more than sending it.
        long min = recordsSoFar * 1e9 / Math.max(1, due - startNanos) > 1000 ? MIN_SLEEP_NANOS : 0;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(Math.max(left, min));
        }
        return due;
    }

    public static long now() {
        return System.nanoTime();
    }
}

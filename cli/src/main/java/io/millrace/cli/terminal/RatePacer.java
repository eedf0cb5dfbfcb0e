package io.millrace.cli.terminal;

import io.millrace.runtime.SystemAccess;
import java.util.concurrent.locks.LockSupport;

/**
 * The times at which an open-loop load is due, however late the earlier parts of it are. Above
 * 1,000 records a second each wait takes at least 1 ms, and what came due meanwhile follows without
 * one.
 *
 * @param perSecond units a second: bytes or records; 0 means as fast as possible
 * @param ofRecords whether the unit is a record
 */
@SystemAccess("measures, and waits for the time at which something is due")
public record RatePacer(double perSecond, boolean ofRecords) {

    private static final long MIN_SLEEP_NANOS = 1_000_000;

    /** Reads {@code 500k}, {@code 1M} (bytes a second) or {@code 10l} (lines a second). */
    public static RatePacer parse(String text) {
        boolean lines = text.endsWith("l");
        String number = lines ? text.substring(0, text.length() - 1) : text;
        return new RatePacer(SizeConverter.parse(number), lines);
    }

    /** So many times as fast. */
    public RatePacer times(double factor) {
        return new RatePacer(perSecond * factor, ofRecords);
    }

    public boolean limited() {
        return perSecond > 0;
    }

    /** When the next unit is due, in nanoseconds after the start; waits until then. */
    public long awaitDue(long startNanos, long bytesSoFar, long recordsSoFar) {
        if (!limited()) {
            return System.nanoTime();
        }
        double done = ofRecords ? recordsSoFar : bytesSoFar;
        long due = startNanos + (long) (done / perSecond * 1e9);
        // To wake up for each of very many would cost more than to send them.
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

package io.millrace.ingest.commit;

import java.time.Duration;

/**
 * How producers are held back while merges are behind: their answers come later the fuller the
 * metadata are, so that those who wait for them send less, and at the end they are refused. Pure.
 */
public final class BackpressurePolicy {

    private static final double BEGINS = 0.75;
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private BackpressurePolicy() {}

    /** How long the commit of a block waits. */
    static Duration delay(double fullness) {
        double part = Math.clamp((fullness - BEGINS) / (1 - BEGINS), 0, 1);
        return Duration.ofNanos((long) (LONGEST.toNanos() * part));
    }

    /** Whether nothing more is taken. */
    public static boolean stops(double fullness) {
        return fullness >= 1;
    }
}

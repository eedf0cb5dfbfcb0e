package io.millrace.ingest.commit;

import java.time.Duration;

/**
 * The back-pressure on producers while merges lag: the fuller the metadata, the later are replies;
 * at the limit, requests are rejected. Pure.
 */
public final class BackpressurePolicy {

    private static final double START_FULLNESS = 0.75;
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private BackpressurePolicy() {}

    static Duration delay(double fullness) {
        double part = Math.clamp((fullness - START_FULLNESS) / (1 - START_FULLNESS), 0, 1);
        return Duration.ofNanos((long) (MAX_DELAY.toNanos() * part));
    }

    public static boolean rejects(double fullness) {
        return fullness >= 1;
    }
}

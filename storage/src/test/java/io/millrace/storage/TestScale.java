package io.millrace.storage;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.List;

/**
 * The scale of the tests: how often they repeat a fault, how many they inject and how long faults
 * last. The system property {@code millrace.tests} sets it to {@code fast}, the default, or {@code
 * full}. Tests that only run at full scale have the JUnit tag {@code full}.
 */
@SystemAccess("reads the clock for a seed")
public final class TestScale {

    /** The JUnit tag of tests that only run at full scale. */
    public static final String FULL = "full";

    private static final boolean IS_FULL = isFull(System.getProperty("millrace.tests", "fast"));

    private TestScale() {}

    private static boolean isFull(String scale) {
        return switch (scale) {
            case "fast" -> false;
            case FULL -> true;
            default ->
                    throw new IllegalArgumentException(
                            "millrace.tests is fast or full, not " + scale);
        };
    }

    /** Whether this JVM runs the tests at full scale. */
    public static boolean isFull() {
        return IS_FULL;
    }

    /** A number of repetitions or other count. */
    public static int count(int fast, int full) {
        return IS_FULL ? full : fast;
    }

    /** The duration of a fault. */
    public static Duration duration(Duration fast, Duration full) {
        return IS_FULL ? full : fast;
    }

    /** The cases of a test. */
    public static <T> List<T> cases(List<T> fast, List<T> full) {
        return IS_FULL ? full : fast;
    }

    /**
     * A seed that differs from run to run. Prints the seed; the system property {@code
     * millrace.seed} repeats the run of a printed seed.
     */
    public static long seed(Class<?> test) {
        long seed = Long.getLong("millrace.seed", System.nanoTime());
        System.out.printf(
                "%s: seed %d; repeat with -Dmillrace.seed=%d%n", test.getSimpleName(), seed, seed);
        return seed;
    }
}

package io.millrace.simulation;

import io.millrace.storage.TestScale;
import java.time.LocalDate;
import java.util.stream.LongStream;

/**
 * The seeds of one build: fixed ones, and a range that changes daily, so that builds of unchanged
 * code continue to search for new failures.
 *
 * @param firstOfRange the first seed of the range, from the property {@code millrace.seed} or the
 *     date
 * @param range the number of seeds in the range
 * @param firstSeeds the number of further seeds, from 1 on
 */
public record SeedPlan(long firstOfRange, int range, int firstSeeds) {

    private static final String PROPERTY = "millrace.seed";

    /** More than the range of a day, so that ranges of two days do not overlap. */
    private static final long SEEDS_A_DAY = 100_000;

    /**
     * Seeds that failed when they were added here. In later code such a seed need not lead to the
     * same events, but costs little.
     */
    private static final long[] FAILED_ONCE = {
        29, 58, 143, 171, 656, 671, 1403, 1781, 5919, 300_000_847, 2_078_200_102L
    };

    /**
     * Returns the plan of a day.
     *
     * @param today the date in UTC
     */
    public static SeedPlan of(LocalDate today) {
        long first = Long.getLong(PROPERTY, today.toEpochDay() * SEEDS_A_DAY);
        return new SeedPlan(first, TestScale.count(200, 5_000), TestScale.count(0, 2_000));
    }

    /** Returns every seed of the build, once. */
    public long[] seeds() {
        return LongStream.concat(
                        LongStream.of(FAILED_ONCE),
                        LongStream.concat(
                                LongStream.rangeClosed(1, firstSeeds),
                                LongStream.range(firstOfRange, firstOfRange + range)))
                .distinct()
                .toArray();
    }

    /** Returns the seeds to run a second time. */
    public long[] repeated() {
        return LongStream.range(firstOfRange, firstOfRange + TestScale.count(10, 50)).toArray();
    }

    /** Returns the command that repeats the same seeds on any day. */
    public String repeatCommand() {
        return ("./mvnw test -pl simulation -am -Dtest=ClusterSimulation"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d -Dmillrace.tests=%s")
                .formatted(PROPERTY, firstOfRange, TestScale.isFull() ? "full" : "fast");
    }
}

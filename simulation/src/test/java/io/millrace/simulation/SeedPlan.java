package io.millrace.simulation;

import io.millrace.storage.TestScale;
import java.time.LocalDate;
import java.util.stream.LongStream;

/**
 * The seeds of one build: fixed ones, and a range that moves on from day to day, so that builds of
 * unchanged code keep looking for what no build has met.
 *
 * @param firstOfRange the first seed of the range, from the property {@code millrace.seed} or the
 *     date
 * @param range how many seeds the range has
 * @param firstSeeds how many seeds from 1 on are run besides
 */
public record SeedPlan(long firstOfRange, int range, int firstSeeds) {

    private static final String PROPERTY = "millrace.seed";

    /** More than a day's range has, so that ranges of two days do not overlap. */
    private static final long SEEDS_A_DAY = 100_000;

    /**
     * Seeds that broke a promise when they were added here. Such a seed need not lead to the same
     * events in later code, but costs little.
     */
    private static final long[] FAILED_ONCE = {29, 58, 656, 671, 1403, 1781, 5919};

    /**
     * The plan of a day.
     *
     * @param today the date in UTC
     */
    public static SeedPlan of(LocalDate today) {
        long first = Long.getLong(PROPERTY, today.toEpochDay() * SEEDS_A_DAY);
        return new SeedPlan(first, TestScale.count(300, 5_000), TestScale.count(0, 2_000));
    }

    /** Every seed of the build, once. */
    public long[] seeds() {
        return LongStream.concat(
                        LongStream.of(FAILED_ONCE),
                        LongStream.concat(
                                LongStream.rangeClosed(1, firstSeeds),
                                LongStream.range(firstOfRange, firstOfRange + range)))
                .distinct()
                .toArray();
    }

    /** Seeds to run a second time. */
    public long[] repeated() {
        return LongStream.range(firstOfRange, firstOfRange + TestScale.count(10, 50)).toArray();
    }

    /** The command that runs the same seeds again, on any day. */
    public String repeatCommand() {
        return ("./mvnw test -pl simulation -am -Dtest=ClusterSimulation"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d -Dmillrace.tests=%s")
                .formatted(PROPERTY, firstOfRange, TestScale.isFull() ? "full" : "fast");
    }
}

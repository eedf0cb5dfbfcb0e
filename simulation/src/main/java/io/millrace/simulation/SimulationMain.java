package io.millrace.simulation;

import io.millrace.runtime.SystemAccess;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Runs the seeds {@code FIRST..LAST}, or one seed ({@code --seed N [--trace]}) twice to verify that
 * both runs are equal. Exits with 1 after a violation.
 */
@SystemAccess("reads the clock to report seeds per second")
public final class SimulationMain {

    private static final String USAGE = "usage: simulation/run FIRST..LAST | --seed N [--trace]";

    private static final int SEEDS_PER_ROUND = 1000;

    private SimulationMain() {}

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        SilentLogging.silence();
        List<String> arguments = List.of(args);
        int seedIndex = arguments.indexOf("--seed");
        if (seedIndex >= 0 && seedIndex + 1 < arguments.size()) {
            System.exit(
                    runTwice(
                            Long.parseLong(arguments.get(seedIndex + 1)),
                            arguments.contains("--trace")));
        }
        String[] range =
                arguments.isEmpty() ? new String[0] : arguments.getFirst().split("\\.\\.", 2);
        if (range.length != 2) {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.exit(runRange(Long.parseLong(range[0]), Long.parseLong(range[1])));
    }

    private static int runTwice(long seed, boolean traced) {
        Simulation.Result result = Simulation.run(seed, traced ? System.out : null);
        System.out.println(result);
        long secondHash = Simulation.run(seed, null).hash();
        if (secondHash != result.hash()) {
            System.out.printf("two runs of seed %d differ%n", seed);
            return 1;
        }
        return result.violation() == null ? 0 : 1;
    }

    private static int runRange(long first, long last)
            throws InterruptedException, ExecutionException {
        long begin = System.nanoTime();
        long violations = 0;
        long acknowledged = 0;
        long seedsWithKeyCompaction = 0;
        long removed = 0;
        long tombstones = 0;
        long recompressed = 0;
        long recompressedByKeyCompaction = 0;
        long recompressedAfterChange = 0;
        long uploads = 0;
        long skipped = 0;
        // In portions: violations are printed early, and results need little memory.
        for (long from = first; from <= last; from += SEEDS_PER_ROUND) {
            for (Simulation.Result result :
                    Seeds.run(from, Math.min(last, from + SEEDS_PER_ROUND - 1))) {
                acknowledged += result.acknowledged();
                seedsWithKeyCompaction += result.keyCompactions() > 0 ? 1 : 0;
                removed += result.removed();
                tombstones += result.tombstonesRemoved();
                recompressed += result.recompressed();
                recompressedByKeyCompaction += result.recompressedByKey();
                recompressedAfterChange += result.recompressedLate();
                uploads += result.multipartUploads();
                skipped += result.skippedInputs();
                if (result.violation() != null) {
                    violations++;
                    System.out.println(result.describeViolation());
                }
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d seeds, %d with violations, %d records acknowledged, %d removed by key compaction in %d seeds"
                        + " (%d of them tombstones), %d batches recompressed and %d more by key compaction"
                        + " (%d after a change of the topic setting), %d multipart uploads,"
                        + " %d damaged objects skipped by merges,"
                        + " %.1f s, %.1f seeds per second%n",
                last - first + 1,
                violations,
                acknowledged,
                removed,
                seedsWithKeyCompaction,
                tombstones,
                recompressed,
                recompressedByKeyCompaction,
                recompressedAfterChange,
                uploads,
                skipped,
                seconds,
                (last - first + 1) / seconds);
        return violations == 0 ? 0 : 1;
    }
}

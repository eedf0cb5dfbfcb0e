package io.millrace.simulation;

import io.millrace.runtime.SystemAccess;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Runs seeds from the command line: {@code FIRST..LAST}, or {@code --seed N [--trace]}, twice to
 * verify the repetition. Exits with 1 after a violation.
 */
@SystemAccess("reads the machine's clock for seeds a second")
public final class SimulationMain {

    private static final String USAGE = "usage: run FIRST..LAST | --seed N [--trace]";

    private static final int PORTION = 1000;

    private SimulationMain() {}

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        SilentLogging.silence();
        List<String> words = List.of(args);
        int at = words.indexOf("--seed");
        if (at >= 0 && at + 1 < words.size()) {
            System.exit(runTwice(Long.parseLong(words.get(at + 1)), words.contains("--trace")));
        }
        String[] range = words.isEmpty() ? new String[0] : words.getFirst().split("\\.\\.", 2);
        if (range.length != 2) {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.exit(runRange(Long.parseLong(range[0]), Long.parseLong(range[1])));
    }

    private static int runTwice(long seed, boolean traced) {
        Simulation.Result result = Simulation.run(seed, traced ? System.out : null);
        System.out.println(result);
        long again = Simulation.run(seed, null).hash();
        if (again != result.hash()) {
            System.out.printf("two runs of seed %d differ%n", seed);
            return 1;
        }
        return result.violation() == null ? 0 : 1;
    }

    private static int runRange(long first, long last)
            throws InterruptedException, ExecutionException {
        long begin = System.nanoTime();
        long broken = 0;
        long acknowledged = 0;
        long cleaned = 0;
        long removed = 0;
        long tombstones = 0;
        long recompressed = 0;
        long byKey = 0;
        long late = 0;
        long uploads = 0;
        long leftOut = 0;
        // In portions: violations are printed early, and results need little memory.
        for (long from = first; from <= last; from += PORTION) {
            for (Simulation.Result result : Seeds.run(from, Math.min(last, from + PORTION - 1))) {
                acknowledged += result.acknowledged();
                cleaned += result.keyCompactions() > 0 ? 1 : 0;
                removed += result.removed();
                tombstones += result.tombstonesRemoved();
                recompressed += result.recompressed();
                byKey += result.recompressedByKey();
                late += result.recompressedLate();
                uploads += result.multipartUploads();
                leftOut += result.skippedInputs();
                if (result.violation() != null) {
                    broken++;
                    System.out.println(result.describeViolation());
                }
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d seeds, %d with violations, %d records acknowledged, %d removed by key in %d seeds"
                        + " (%d of them tombstones), %d batches recompressed and %d more by key compaction"
                        + " (%d after a change of the topic setting), %d multipart uploads,"
                        + " %d damaged objects skipped by merges,"
                        + " %.1f s, %.1f seeds per second%n",
                last - first + 1,
                broken,
                acknowledged,
                removed,
                cleaned,
                tombstones,
                recompressed,
                byKey,
                late,
                uploads,
                leftOut,
                seconds,
                (last - first + 1) / seconds);
        return broken == 0 ? 0 : 1;
    }
}

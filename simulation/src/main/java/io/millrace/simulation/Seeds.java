package io.millrace.simulation;

import io.millrace.runtime.SystemAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** Runs many seeds in parallel, one per processor. Runs share no state. */
@SystemAccess("uses all processors")
public final class Seeds {

    private Seeds() {}

    /** Returns the results of a range of seeds, both ends included. Blocks. */
    static List<Simulation.Result> run(long first, long last)
            throws InterruptedException, ExecutionException {
        return run(LongStream.rangeClosed(first, last).toArray());
    }

    public static List<Simulation.Result> run(long... seeds)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Simulation.Result>> running = new ArrayList<>();
            for (long seed : seeds) {
                running.add(threads.submit(() -> Simulation.run(seed, null)));
            }
            List<Simulation.Result> results = new ArrayList<>();
            for (Future<Simulation.Result> result : running) {
                results.add(result.get());
            }
            return results;
        }
    }
}

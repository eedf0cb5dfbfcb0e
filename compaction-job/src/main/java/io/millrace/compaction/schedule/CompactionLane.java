package io.millrace.compaction.schedule;

import io.millrace.compaction.rewrite.CompactionJob;
import io.millrace.compaction.rewrite.StepLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The sequence of jobs of one worker: attempts due jobs until no job is due or an attempt fails.
 * Owned by the metadata's event loop.
 */
final class CompactionLane {

    /** A source of the jobs of a lane. Called on the metadata's event loop. */
    interface Schedule {

        Optional<CompactionJob> next();

        /**
         * Attempts a job; completes with the number of segments written, or fails to end the lane.
         */
        CompletableFuture<Integer> attempt(CompactionJob job);
    }

    private final Schedule schedule;
    private final StepLoop loop;
    private final CompletableFuture<Integer> result = new CompletableFuture<>();
    private Optional<CompactionJob> next = Optional.empty();
    private int segments;

    private CompactionLane(Schedule schedule, Executor owner) {
        this.schedule = schedule;
        this.loop = new StepLoop(owner, this::step, result::completeExceptionally);
    }

    /**
     * Runs all due jobs; completes with the number of segments written. Called and completed on the
     * event loop.
     *
     * @param first empty to begin with the next due job
     */
    static CompletableFuture<Integer> run(
            Schedule schedule, Optional<CompactionJob> first, Executor owner) {
        CompactionLane lane = new CompactionLane(schedule, owner);
        lane.next = first;
        lane.loop.run();
        return lane.result;
    }

    private Optional<CompletableFuture<Void>> step() {
        Optional<CompactionJob> job = next.or(schedule::next);
        next = Optional.empty();
        if (job.isEmpty()) {
            result.complete(segments);
            return Optional.empty();
        }
        return Optional.of(schedule.attempt(job.get()).thenAccept(written -> segments += written));
    }
}

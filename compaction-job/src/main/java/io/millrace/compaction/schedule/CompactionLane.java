package io.millrace.compaction.schedule;

import io.millrace.compaction.rewrite.CompactionJob;
import io.millrace.compaction.rewrite.StepLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The sequence of jobs of one worker: attempts the next due job and counts the written segments,
 * until no job is due or an attempt fails. Owned by the metadata's event loop.
 */
final class CompactionLane {

    /** Source of the jobs of a lane. Called on the metadata's event loop. */
    interface Schedule {

        /** Returns the next due job; empty if no job is due. */
        Optional<CompactionJob> next();

        /**
         * Attempts a job.
         *
         * @return completes with the number of segments written; fails if the lane is to end
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
     * Runs all due jobs. Only on the event loop.
     *
     * @param first the job to begin with; empty to begin with the next due job
     * @return completes on the event loop with the number of segments written; fails with the
     *     failure of an attempt
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

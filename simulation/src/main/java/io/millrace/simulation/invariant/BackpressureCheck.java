package io.millrace.simulation.invariant;

import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.command.Command;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Checks the back-pressure documented for {@code millrace.max-extents}:
 *
 * <ul>
 *   <li>answers are delayed from three quarters of the limit on,
 *   <li>at the limit and only there, producers are rejected with a retriable code,
 *   <li>only batches in flight to nodes below the limit may exceed the limit.
 * </ul>
 */
public final class BackpressureCheck {

    public static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private static final double DELAY_THRESHOLD = 0.75;

    private record ProduceAttempt(long nanos, long entries, boolean full) {}

    private final EventLoop world;
    private final WholeLog log;
    private final Violations violations;
    private final int maxExtents;

    /** The number of extents in memory after each entry. */
    private final List<Long> extents = new ArrayList<>();

    /** The number of accepted batches that may still become extents. */
    private long inFlight;

    /** The permitted excess. */
    private long allowance;

    private boolean exceeded;
    private long rejected;
    private long delayed;

    /**
     * @param maxExtents the limit of every node; 0 if limits differ
     */
    public BackpressureCheck(EventLoop world, WholeLog log, Violations violations, int maxExtents) {
        this.world = world;
        this.log = log;
        this.violations = violations;
        this.maxExtents = maxExtents;
    }

    public void entry() {
        long before = extents.isEmpty() ? 0 : extents.getLast();
        long now = log.state().objects().extentsInMemory();
        extents.add(now);
        if (maxExtents == 0 || now < maxExtents) {
            exceeded = false;
            return;
        }
        if (!exceeded) {
            exceeded = true;
            allowance = inFlight;
        }
        if (log.last().commands().stream().anyMatch(BackpressureCheck::mayAddExtents)) {
            allowance += Math.max(0, now - before);
        }
        violations.check(
                now - maxExtents <= allowance,
                "there are %d extents, but the limit is %d, and %d were in flight when the limit was"
                        + " reached",
                now,
                maxExtents,
                allowance);
    }

    /** Returns whether a command may add extents without new records. */
    private static boolean mayAddExtents(Command command) {
        return command instanceof Command.ExtentsReplaced
                || command instanceof Command.ExtentsReloaded;
    }

    /**
     * Returns a reply that checks the outcome before {@code reply} receives it. On the node's event
     * loop.
     *
     * @param max the number of extents from which on the node rejects producers
     */
    public ProduceReply checkedReply(Supplier<ObjectsView> node, int max, ProduceReply reply) {
        boolean full = isFull(node.get(), max);
        ProduceAttempt asked =
                new ProduceAttempt(world.nanoTime(), node.get().appliedEntries(), full);
        if (!full) {
            begin();
        }
        return outcome -> {
            switch (outcome) {
                case ProduceOutcome.Acknowledged done ->
                        acknowledged(asked, node.get().appliedEntries(), max);
                case ProduceOutcome.Rejected(var problem) -> rejected(asked, problem);
            }
            reply.complete(outcome);
        };
    }

    private static boolean isFull(ObjectsView node, int max) {
        return node.extentsInMemory() >= max;
    }

    private void begin() {
        inFlight++;
        allowance++;
    }

    /**
     * Counts a batch whose outcome is not checked. Returns what to run once it is answered.
     *
     * @param max the number of extents from which on the node rejects producers
     */
    public Runnable received(ObjectsView node, int max) {
        if (isFull(node, max)) {
            return () -> {};
        }
        begin();
        return () -> inFlight--;
    }

    private void acknowledged(ProduceAttempt asked, long entries, int max) {
        violations.check(!asked.full(), "a node with at least %d extents accepted a request", max);
        inFlight -= asked.full() ? 0 : 1;
        Duration min = minDelay(asked.entries(), entries, max);
        delayed += min.isPositive() ? 1 : 0;
        long took = world.nanoTime() - asked.nanos();
        violations.check(
                took >= min.toNanos(),
                "a producer was answered after %d ms, but the minimum delay is %d ms while so little is"
                        + " merged",
                took / 1_000_000,
                min.toMillis());
    }

    /**
     * Returns the minimum delay of an answer from a node that had applied this range of entries.
     */
    private Duration minDelay(long fromEntries, long toEntries, int max) {
        long fewest = Long.MAX_VALUE;
        for (long at = Math.max(1, fromEntries); at <= toEntries; at++) {
            fewest = Math.min(fewest, extents.get(Math.toIntExact(at - 1)));
        }
        double full = Math.min(1, (double) fewest / max);
        return full <= DELAY_THRESHOLD || fromEntries == 0
                ? Duration.ZERO
                : Duration.ofNanos(
                        (long)
                                (MAX_DELAY.toNanos()
                                        * (full - DELAY_THRESHOLD)
                                        / (1 - DELAY_THRESHOLD)));
    }

    private void rejected(ProduceAttempt asked, Problem problem) {
        boolean forDebt =
                problem.reason() == Reason.OVERLOADED && problem.message().contains("not merged");
        violations.check(
                asked.full()
                        ? problem.reason() == Reason.OVERLOADED
                                || problem.reason() == Reason.SHUTTING_DOWN
                        : !forDebt,
                "a node with %s extents than its limit rejected a request: %s",
                asked.full() ? "more" : "fewer",
                problem.message());
        violations.check(
                !forDebt || (problem.reason().retriable() && asked.nanos() == world.nanoTime()),
                "a rejection for unmerged data must be immediate and retriable");
        rejected += forDebt ? 1 : 0;
        if (!asked.full() && problem.reason() != Reason.OUTCOME_UNKNOWN) {
            inFlight--;
        }
    }

    public long rejected() {
        return rejected;
    }

    public long delayed() {
        return delayed;
    }
}

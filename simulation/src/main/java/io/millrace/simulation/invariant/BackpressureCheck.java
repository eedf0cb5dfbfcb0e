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
 * Checks that producers are held back as is written for {@code millrace.max-extents}: later answers
 * from three quarters of it on, and a refusal that a retry helps against from there on, neither
 * without need; and that no more extents come beyond it than were on their way to nodes that did
 * not know.
 */
public final class BackpressureCheck {

    /** So long a commit is held back at most. */
    public static final Duration SLOWEST = Duration.ofSeconds(5);

    private static final double SLOW_FROM = 0.75;

    /** What a node knew when a producer asked it. */
    private record Asked(long nanos, long entries, boolean full) {}

    private final EventLoop world;
    private final WholeLog log;
    private final Violations violations;
    private final int maxExtents;

    /** After each entry, how many extents were in memory. */
    private final List<Long> extents = new ArrayList<>();

    /** Batches that a node took, and that may still become extents. */
    private long onTheirWay;

    /** By so many the bound may be passed, as long as it is. */
    private long allowance;

    private boolean passed;
    private long rejected;
    private long slowed;

    /**
     * @param maxExtents where every node refuses; 0 if each has a bound of its own
     */
    public BackpressureCheck(EventLoop world, WholeLog log, Violations violations, int maxExtents) {
        this.world = world;
        this.log = log;
        this.violations = violations;
        this.maxExtents = maxExtents;
    }

    /** The log has one more entry. */
    public void entry() {
        long before = extents.isEmpty() ? 0 : extents.getLast();
        long now = log.state().objects().extents();
        extents.add(now);
        if (maxExtents == 0 || now < maxExtents) {
            passed = false;
            return;
        }
        if (!passed) {
            passed = true;
            allowance = onTheirWay;
        }
        if (log.last().commands().stream().anyMatch(BackpressureCheck::movesExtents)) {
            allowance += Math.max(0, now - before);
        }
        violations.check(
                now - maxExtents <= allowance,
                "there are %d extents, %d are the most, and %d were on their way when they were"
                        + " reached",
                now,
                maxExtents,
                allowance);
    }

    /** Whether a command may bring extents that nobody has produced now. */
    private static boolean movesExtents(Command command) {
        return command instanceof Command.ExtentsReplaced
                || command instanceof Command.ExtentsReloaded;
    }

    /**
     * A producer asks a node, on its loop.
     *
     * @param node what it knows
     * @param max extents, from which on that node refuses
     * @return who is to be told the answer
     */
    public ProduceReply asked(Supplier<ObjectsView> node, int max, ProduceReply reply) {
        boolean full = node.get().extents() >= max;
        Asked asked = new Asked(world.nanoTime(), node.get().entries(), full);
        if (!full) {
            onTheirWay++;
            allowance++;
        }
        return outcome -> {
            switch (outcome) {
                case ProduceOutcome.Acknowledged done ->
                        acknowledged(asked, node.get().entries(), max);
                case ProduceOutcome.Rejected(var problem) -> rejected(asked, problem);
            }
            reply.done(outcome);
        };
    }

    private void acknowledged(Asked asked, long entries, int max) {
        violations.check(
                !asked.full(),
                "a node that knows more than %d extents stored what it was asked to",
                max);
        onTheirWay -= asked.full() ? 0 : 1;
        Duration min = min(asked.entries(), entries, max);
        slowed += min.isPositive() ? 1 : 0;
        long took = world.nanoTime() - asked.nanos();
        violations.check(
                took >= min.toNanos(),
                "a producer was answered after %d ms, and is to wait for %d where so little is"
                        + " merged",
                took / 1_000_000,
                min.toMillis());
    }

    /** How long it takes at least to be answered by a node that knew so many entries meanwhile. */
    private Duration min(long fromEntries, long toEntries, int max) {
        long fewest = Long.MAX_VALUE;
        for (long at = Math.max(1, fromEntries); at <= toEntries; at++) {
            fewest = Math.min(fewest, extents.get(Math.toIntExact(at - 1)));
        }
        double full = Math.min(1, (double) fewest / max);
        return full <= SLOW_FROM || fromEntries == 0
                ? Duration.ZERO
                : Duration.ofNanos(
                        (long) (SLOWEST.toNanos() * (full - SLOW_FROM) / (1 - SLOW_FROM)));
    }

    private void rejected(Asked asked, Problem problem) {
        boolean forDebt =
                problem.reason() == Reason.OVERLOADED && problem.message().contains("not merged");
        violations.check(
                asked.full()
                        ? problem.reason() == Reason.OVERLOADED
                                || problem.reason() == Reason.SHUTTING_DOWN
                        : !forDebt,
                "a node that knows %s extents than it can bear refuses: %s",
                asked.full() ? "more" : "fewer",
                problem.message());
        violations.check(
                !forDebt || (problem.reason().retriable() && asked.nanos() == world.nanoTime()),
                "who is refused for what is not merged is to hear at once that a retry helps");
        rejected += forDebt ? 1 : 0;
        if (!asked.full() && problem.reason() != Reason.OUTCOME_UNKNOWN) {
            onTheirWay--;
        }
    }

    /** How often a producer was refused for what is not merged. */
    public long rejected() {
        return rejected;
    }

    /** How often one had to wait for it. */
    public long slowed() {
        return slowed;
    }
}

package io.millrace.client;

import io.millrace.client.Holding.Stage;
import io.millrace.client.SubscriptionStep.Notice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is done next with each partition that is held: hands over what waits, one chunk of a
 * partition at a time, and takes those that go through their last steps. Owner: the I/O thread.
 */
final class Handover {

    private static final Duration RETRY = Duration.ofMillis(200);

    private final SubscriptionSettings settings;
    private final SubscriptionSteps steps;
    private final PartitionMessages messages;
    private final CommitLedger commits;
    private final Map<TopicPartition, Holding> held;

    /** Also those of partitions that were lost, or left by a seek, until their handlers return. */
    private final Map<TopicPartition, HandlerRun> runs = new HashMap<>();

    private final Set<Holding> touched = new LinkedHashSet<>();
    private final Set<Holding> retries = new LinkedHashSet<>();

    /**
     * @param held the partitions; those that are given up are removed
     */
    Handover(
            SubscriptionSettings settings,
            SubscriptionSteps steps,
            PartitionMessages messages,
            CommitLedger commits,
            Map<TopicPartition, Holding> held) {
        this.settings = settings;
        this.steps = steps;
        this.messages = messages;
        this.commits = commits;
        this.held = held;
    }

    /** Something happened to a partition: {@link #advance} looks at it. */
    void touch(Holding holding) {
        touched.add(holding);
    }

    void forget(Holding holding) {
        touched.remove(holding);
        retries.remove(holding);
    }

    /** A handler has returned. */
    void ended(HandlerRun run) {
        runs.remove(run.partition(), run);
    }

    /** Whether no handler runs. */
    boolean isIdle() {
        return runs.isEmpty();
    }

    /** Leaves a partition alone for a moment. */
    void retryLater(Holding holding, long nowNanos) {
        holding.retryAtNanos = nowNanos + RETRY.toNanos();
        retries.add(holding);
    }

    /** Looks again at what was to be left alone until now. */
    void retry(long nowNanos) {
        for (Holding each : List.copyOf(retries)) {
            Long at = each.retryAtNanos;
            if (at == null || nowNanos - at >= 0) {
                each.retryAtNanos = null;
                retries.remove(each);
                touch(each);
            }
        }
    }

    /** When the next retry is due, in nanoseconds from now; the longest time if there is none. */
    long retryInNanos(long nowNanos) {
        long least = Long.MAX_VALUE;
        for (Holding each : retries) {
            Long at = each.retryAtNanos;
            least = Math.min(least, at == null ? 0 : at - nowNanos);
        }
        return least;
    }

    /** The listener has returned. */
    void told(Notice notice) {
        switch (notice) {
            case Notice.Assigned assigned ->
                    assigned.about()
                            .forEach(each -> {
                                each.stage = each.goes ? Stage.DRAINING : Stage.OPEN;
                                touch(each);
                            });
            case Notice.Revoked revoked ->
                    revoked.about()
                            .forEach(each -> {
                                each.stage = Stage.SETTLING;
                                touch(each);
                            });
            case Notice.Lost lost -> {}
            case Notice.Failed failed -> {}
        }
    }

    /** Takes the next step with all that were touched. */
    void advance(long nowNanos) {
        List<Holding> drained = new ArrayList<>();
        List<Holding> released = new ArrayList<>();
        Map<TopicPartition, CommitLedger.Mark> last = new LinkedHashMap<>();
        for (Holding each : touched) {
            if (held.get(each.id) != each) {
                continue;
            }
            switch (each.stage) {
                case NEW, TELLING -> {}
                case OPEN -> handOver(each, nowNanos);
                case DRAINING -> {
                    if (!runs.containsKey(each.id)) {
                        each.stage = Stage.TELLING;
                        drained.add(each);
                    }
                }
                case SETTLING -> settle(each, last, released);
            }
        }
        touched.clear();
        if (!drained.isEmpty()) {
            steps.add(new SubscriptionStep.Tell(new Notice.Revoked(drained)));
        }
        if (!last.isEmpty()) {
            commits.add(last);
        }
        if (!released.isEmpty()) {
            messages.released(released, nowNanos);
        }
    }

    private void handOver(Holding holding, long nowNanos) {
        if (runs.containsKey(holding.id) || holding.paused || holding.retryAtNanos != null) {
            return;
        }
        if (holding.mustSeek()) {
            if (holding.isConfirmed()) {
                messages.seek(holding.id, holding.seek(), nowNanos);
            }
            return;
        }
        Chunk next = holding.next();
        if (next == null) {
            report(holding);
            return;
        }
        boolean commitsBefore = settings.commits() == CommitMode.BEFORE_HANDLING;
        if (commitsBefore && holding.committed() != next.end()) {
            if (!commits.isWaiting(holding.id)) {
                commits.add(Map.of(holding.id, new CommitLedger.Mark(next.end(), "")));
            }
            return;
        }
        HandlerRun run = holding.begin(commitsBefore);
        runs.put(holding.id, run);
        steps.add(new SubscriptionStep.Begin(run));
    }

    private void report(Holding holding) {
        @Nullable MillraceException failure = holding.failure;
        if (failure != null) {
            holding.failure = null;
            steps.add(new SubscriptionStep.Tell(new Notice.Failed(holding.id, failure)));
        }
    }

    private void settle(
            Holding holding, Map<TopicPartition, CommitLedger.Mark> last, List<Holding> released) {
        if (commits.isWaiting(holding.id) || holding.retryAtNanos != null) {
            return;
        }
        if (settings.commits() != CommitMode.MANUAL && holding.needsCommit()) {
            last.put(holding.id, holding.mark());
        } else if (!holding.revoked) {
            held.remove(holding.id);
        } else if (holding.isConfirmed()) {
            held.remove(holding.id);
            released.add(holding);
        }
    }
}

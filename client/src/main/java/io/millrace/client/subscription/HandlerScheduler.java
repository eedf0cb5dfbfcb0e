package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.subscription.AssignedPartitionState.Stage;
import io.millrace.client.subscription.SubscriptionStep.Notice;
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
 * Decides the next step of each assigned partition: starts handler runs, one at a time for each
 * partition, and advances releases. Owner: the I/O thread.
 */
final class HandlerScheduler {

    private static final Duration RETRY_DELAY = Duration.ofMillis(200);

    private final SubscriptionSettings settings;
    private final SubscriptionSteps steps;
    private final PartitionMessages messages;
    private final CommitLedger commits;
    private final Map<TopicPartition, AssignedPartitionState> held;

    /** Includes runs of lost or moved partitions. */
    private final Map<TopicPartition, HandlerRun> runs = new HashMap<>();

    private final Set<AssignedPartitionState> dirty = new LinkedHashSet<>();
    private final Set<AssignedPartitionState> retries = new LinkedHashSet<>();

    HandlerScheduler(
            SubscriptionSettings settings,
            SubscriptionSteps steps,
            PartitionMessages messages,
            CommitLedger commits,
            Map<TopicPartition, AssignedPartitionState> held) {
        this.settings = settings;
        this.steps = steps;
        this.messages = messages;
        this.commits = commits;
        this.held = held;
    }

    void markDirty(AssignedPartitionState holding) {
        dirty.add(holding);
    }

    void forget(AssignedPartitionState holding) {
        dirty.remove(holding);
        retries.remove(holding);
    }

    void ended(HandlerRun run) {
        runs.remove(run.partition(), run);
    }

    boolean isIdle() {
        return runs.isEmpty();
    }

    void retryLater(AssignedPartitionState holding, long nowNanos) {
        holding.retryAtNanos = nowNanos + RETRY_DELAY.toNanos();
        retries.add(holding);
    }

    void retry(long nowNanos) {
        for (AssignedPartitionState each : List.copyOf(retries)) {
            Long at = each.retryAtNanos;
            if (at == null || nowNanos - at >= 0) {
                each.retryAtNanos = null;
                retries.remove(each);
                markDirty(each);
            }
        }
    }

    /** Returns the nanoseconds until the next retry; {@link Long#MAX_VALUE} for never. */
    long retryInNanos(long nowNanos) {
        long min = Long.MAX_VALUE;
        for (AssignedPartitionState each : retries) {
            Long at = each.retryAtNanos;
            min = Math.min(min, at == null ? 0 : at - nowNanos);
        }
        return min;
    }

    void reported(Notice notice) {
        switch (notice) {
            case Notice.Assigned assigned ->
                    assigned.about()
                            .forEach(each -> {
                                each.stage = each.releasing ? Stage.DRAINING : Stage.OPEN;
                                markDirty(each);
                            });
            case Notice.Revoked revoked ->
                    revoked.about()
                            .forEach(each -> {
                                each.stage = Stage.COMMITTING;
                                markDirty(each);
                            });
            case Notice.Lost lost -> {}
            case Notice.Failed failed -> {}
        }
    }

    void advance(long nowNanos) {
        List<AssignedPartitionState> drained = new ArrayList<>();
        List<AssignedPartitionState> released = new ArrayList<>();
        Map<TopicPartition, CommitLedger.CommitOffset> last = new LinkedHashMap<>();
        for (AssignedPartitionState each : dirty) {
            if (held.get(each.id) != each) {
                continue;
            }
            switch (each.stage) {
                case NEW, NOTIFYING -> {}
                case OPEN -> startRun(each, nowNanos);
                case DRAINING -> {
                    if (!runs.containsKey(each.id)) {
                        each.stage = Stage.NOTIFYING;
                        drained.add(each);
                    }
                }
                case COMMITTING -> finishRelease(each, last, released);
            }
        }
        dirty.clear();
        if (!drained.isEmpty()) {
            steps.add(new SubscriptionStep.NotifyListener(new Notice.Revoked(drained)));
        }
        if (!last.isEmpty()) {
            commits.add(last);
        }
        if (!released.isEmpty()) {
            messages.released(released, nowNanos);
        }
    }

    private void startRun(AssignedPartitionState holding, long nowNanos) {
        if (runs.containsKey(holding.id) || holding.paused || holding.retryAtNanos != null) {
            return;
        }
        if (holding.mustSeek()) {
            if (holding.isConfirmed()) {
                messages.seek(holding.id, holding.takeSeek(), nowNanos);
            }
            return;
        }
        ReceivedBatches next = holding.next();
        if (next == null) {
            notifyFailure(holding);
            return;
        }
        boolean commitsBefore = settings.commits() == CommitMode.BEFORE_HANDLING;
        if (commitsBefore && holding.committed() != next.end()) {
            if (!commits.isWaiting(holding.id)) {
                commits.add(Map.of(holding.id, new CommitLedger.CommitOffset(next.end(), "")));
            }
            return;
        }
        HandlerRun run = holding.begin(commitsBefore, settings.undecodable());
        runs.put(holding.id, run);
        steps.add(new SubscriptionStep.RunHandler(run));
    }

    private void notifyFailure(AssignedPartitionState holding) {
        @Nullable MillraceException failure = holding.failure;
        if (failure != null) {
            holding.failure = null;
            steps.add(new SubscriptionStep.NotifyListener(new Notice.Failed(holding.id, failure)));
        }
    }

    private void finishRelease(
            AssignedPartitionState holding,
            Map<TopicPartition, CommitLedger.CommitOffset> last,
            List<AssignedPartitionState> released) {
        if (commits.isWaiting(holding.id) || holding.retryAtNanos != null) {
            return;
        }
        if (settings.commits() != CommitMode.MANUAL && holding.needsCommit()) {
            last.put(holding.id, holding.offsetToCommit());
        } else if (!holding.revoked) {
            held.remove(holding.id);
        } else if (holding.isConfirmed()) {
            held.remove(holding.id);
            released.add(holding);
        }
    }
}

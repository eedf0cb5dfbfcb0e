package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Proposes a group's pending changes to the log, one at a time. A failed change is computed again
 * and retried after a backoff. Owned by the metadata's event loop.
 */
final class GroupChangeProposer {

    private static final Logger LOG = Logger.getLogger(GroupChangeProposer.class);
    private static final Backoff BACKOFF =
            Backoff.exact(Duration.ofMillis(200), Duration.ofSeconds(15));

    private final Metadata metadata;
    private final EventLoop loop;
    private final ProtocolGroup group;
    private final long incarnation;
    private final GroupMetrics metrics;
    private final BackoffSequence backoffSequence = BACKOFF.sequence();
    private boolean scheduled;
    private boolean inFlight;
    private boolean backingOff;
    private boolean stopped;

    /**
     * @param create creates the group with a callback for unsettled events
     */
    GroupChangeProposer(
            Metadata metadata,
            Group now,
            GroupMetrics metrics,
            Function<Runnable, ProtocolGroup> create) {
        this.metadata = metadata;
        this.loop = metadata.loop();
        this.incarnation = now.coordinator().orElseThrow();
        this.metrics = metrics;
        this.group = create.apply(this::scheduleSettle);
    }

    ProtocolGroup group() {
        return group;
    }

    boolean isCoordinator() {
        Optional<Group> now = metadata.groups().group(group.id());
        return !stopped
                && metadata.incarnation() == incarnation
                && now.isPresent()
                && now.get().claimEpoch() == group.claimEpoch()
                && now.get().coordinator().equals(OptionalLong.of(incarnation));
    }

    boolean isIdle() {
        return isReplaceable() && !scheduled;
    }

    /** Returns whether no member is in the group, about to join, or about to leave. */
    boolean isReplaceable() {
        return !group.isInUse()
                && !inFlight
                && metadata.groups()
                        .group(group.id())
                        .filter(now -> now.members().isEmpty())
                        .isPresent();
    }

    void changed() {
        if (isCoordinator()) {
            metadata.groups().group(group.id()).ifPresent(group::applied);
        }
    }

    void stop() {
        stopped = true;
    }

    private void scheduleSettle() {
        if (!scheduled) {
            scheduled = true;
            loop.execute(this::settle);
        }
    }

    private void settle() {
        scheduled = false;
        if (isCoordinator()) {
            metadata.groups()
                    .group(group.id())
                    .flatMap(now -> group.settle(now, metadata.topics(), !inFlight && !backingOff))
                    .ifPresent(this::propose);
        }
    }

    private void propose(GroupChange change) {
        inFlight = true;
        metadata.propose(
                        new Command.GroupChanged(
                                group.id(), group.claimEpoch(), group.generation() + 1, change),
                        Priority.BACKGROUND)
                .thenAccept(proposal -> completed(change, proposal));
    }

    private void completed(GroupChange change, Proposal proposal) {
        inFlight = false;
        switch (proposal) {
            case Proposal.Applied(Outcome.CommandRejected(var why), var nanos) -> rejected(why);
            case Proposal.Applied applied -> {
                backoffSequence.reset();
                metrics.changed(change.leases().size());
                group.changeCompleted();
            }
            case Proposal.NotApplied(var why) -> rejected(why);
            case Proposal.Unknown(var why) -> retryLater(why);
        }
    }

    private void rejected(Problem why) {
        if (why.reason() == Reason.GROUP_LIMIT_REACHED
                || why.reason() == Reason.INVALID_GROUP
                || why.reason() == Reason.TOO_LARGE) {
            group.rejected(why);
        }
        retryLater(why);
    }

    private void retryLater(Problem why) {
        Duration pause = backoffSequence.nextPause();
        LOG.debugf("a change of group %s is retried in %s: %s", group.id(), pause, why.message());
        backingOff = true;
        loop.schedule(
                pause,
                () -> {
                    backingOff = false;
                    scheduleSettle();
                });
        group.changeCompleted();
    }
}

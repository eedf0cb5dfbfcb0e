package io.millrace.group.routing;

import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.group.routing.RoutedSessions.Route;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a member to the current coordinator of its group. Opens a new session if the
 * current session ends or becomes silent, until the member's session expires. A silent member may
 * have moved to a different node, where a session opened here would end its session. The search
 * therefore waits for the member's next message. Owned by the metadata's event loop.
 */
final class CoordinatorConnection {

    /** The member's side; receives the events of each coordinator in turn. */
    interface ConnectedMember extends SessionListener {

        JoinRequest request();

        /** The connection has ended for good. */
        @Override
        void ended(Problem problem);
    }

    private static final Backoff BACKOFF =
            Backoff.exact(Duration.ofMillis(50), Duration.ofMillis(800));

    private final EventLoop loop;
    private final Function<Optional<Problem>, Route> routes;
    private final ConnectedMember member;
    private final long timeoutNanos;
    private String address = "";
    private @Nullable SessionRelay relay;
    private int attempt;
    private long sequence;
    private long acknowledgedSequence;
    private long unacknowledgedSequence;
    private long acknowledgedNanos;
    private long receivedNanos;
    private @Nullable Problem deferredHint;
    private int failures;
    private boolean closed;

    /**
     * @param routes finds the coordinator, given the end reason of the previous session
     */
    CoordinatorConnection(
            EventLoop loop,
            Function<Optional<Problem>, Route> routes,
            Duration sessionTimeout,
            ConnectedMember member) {
        this.loop = loop;
        this.routes = routes;
        this.member = member;
        this.timeoutNanos = sessionTimeout.toNanos();
        this.acknowledgedNanos = loop.nanoTime();
        this.receivedNanos = acknowledgedNanos;
    }

    void open(CoordinatorProbe lookout) {
        attach(Optional.empty());
        lookout.add(this);
    }

    boolean isClosed() {
        return closed;
    }

    /** Null unless the member has joined. */
    @Nullable GroupSession session() {
        return relay != null && relay.joined ? relay.session : null;
    }

    /** Messages must be repeated in each new session. */
    int attempt() {
        return attempt;
    }

    void received() {
        receivedNanos = loop.nanoTime();
        Problem hint = deferredHint;
        if (hint != null) {
            deferredHint = null;
            attach(Optional.of(hint));
        }
    }

    void heartbeat(long newMark) {
        sequence = Math.max(sequence, newMark);
        received();
        if (relay != null && relay.session != null) {
            relay.session.heartbeat(sequence);
        }
    }

    /** Only the coordinator that sent the invitation reacts. */
    void accept(String memberId) {
        received();
        if (relay != null && relay.session != null) {
            relay.session.accept(memberId);
        }
    }

    /** Ends the connection without notifying the member or the coordinator. */
    void drop() {
        closed = true;
        deferredHint = null;
        if (relay != null) {
            relay.closed = true;
            relay = null;
        }
    }

    void detach() {
        SessionRelay receives = relay;
        drop();
        if (receives != null && receives.session != null) {
            receives.session.detach();
        }
    }

    private void attach(Optional<Problem> hint) {
        if (closed) {
            return;
        }
        Route route = routes.apply(hint);
        address = route.address();
        attempt++;
        SessionRelay receives = new SessionRelay();
        relay = receives;
        receives.session = route.sessions().join(member.request(), receives);
        if (sequence > 0) {
            receives.session.heartbeat(sequence);
        }
    }

    /**
     * Checks whether a different node coordinates the group, if heartbeats have been unanswered
     * since the previous call. Called periodically.
     */
    void check() {
        SessionRelay receives = relay;
        if (closed) {
            return;
        }
        if (deferredHint != null && isExpired()) {
            end(deferredHint);
            return;
        }
        boolean silent = unacknowledgedSequence > acknowledgedSequence;
        unacknowledgedSequence = sequence;
        if (receives != null
                && silent
                && !isMemberSilent()
                && !routes.apply(Optional.empty()).address().equals(address)) {
            receives.close();
            attach(Optional.empty());
        }
    }

    /** A live member sends three heartbeats per session timeout. */
    private boolean isMemberSilent() {
        return loop.nanoTime() - receivedNanos > timeoutNanos / 2;
    }

    private boolean isExpired() {
        return loop.nanoTime() - acknowledgedNanos >= timeoutNanos;
    }

    private void end(Problem problem) {
        drop();
        member.ended(problem);
    }

    /** The coordinator is unreachable, or does not coordinate the group. */
    private void lost(Problem problem) {
        relay = null;
        if (!problem.retriable() || isExpired()) {
            end(problem);
            return;
        }
        boolean atOnce = failures == 0 && problem.details().containsKey("host");
        failures++;
        Duration pause = atOnce ? Duration.ZERO : BACKOFF.pauseAfter(failures);
        loop.schedule(pause, () -> reconnect(problem));
    }

    private void reconnect(Problem problem) {
        if (closed) {
            return;
        }
        if (isMemberSilent()) {
            deferredHint = problem;
        } else {
            attach(Optional.of(problem));
        }
    }

    private final class SessionRelay implements SessionListener {

        private @Nullable GroupSession session;
        private boolean joined;
        private boolean closed;

        private void close() {
            closed = true;
            if (session != null) {
                session.detach();
            }
        }

        @Override
        public void invited(String id) {
            if (!closed) {
                member.invited(id);
            }
        }

        @Override
        public void joined(String id) {
            if (!closed) {
                joined = true;
                member.joined(id);
            }
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (!closed) {
                member.assigned(generation, partitions);
            }
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            if (!closed) {
                member.revoke(partitions);
            }
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            if (!closed) {
                member.lost(partitions);
            }
        }

        @Override
        public void heartbeatAcknowledged(long answered) {
            if (!closed) {
                failures = 0;
                acknowledgedSequence = answered;
                acknowledgedNanos = loop.nanoTime();
                member.heartbeatAcknowledged(answered);
            }
        }

        @Override
        public void ended(Problem problem) {
            if (!closed) {
                closed = true;
                CoordinatorConnection.this.lost(problem);
            }
        }
    }
}

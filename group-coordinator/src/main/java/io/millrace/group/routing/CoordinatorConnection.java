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
 * A connection of a member to the current coordinator of its group. Holds one session at a time and
 * opens a new one when that ends or goes silent, until the member's own session expires. A silent
 * member may have moved to a different node, and a new session here would end the one there. The
 * search for a coordinator therefore waits for the member's next message. Owned by the metadata's
 * event loop.
 */
final class CoordinatorConnection {

    /** The member's side of the connection; receives the events of each coordinator in turn. */
    interface Member extends SessionListener {

        /** Returns the current join request, of a new or the existing member. */
        JoinRequest request();

        /** The connection has ended for good. */
        @Override
        void ended(Problem problem);
    }

    private static final Backoff PAUSES =
            Backoff.exact(Duration.ofMillis(50), Duration.ofMillis(800));

    private final EventLoop loop;
    private final Function<Optional<Problem>, Route> routes;
    private final Member member;
    private final long timeoutNanos;
    private String place = "";
    private @Nullable Ear ear;
    private int attempt;
    private long mark;
    private long answeredMark;
    private long unansweredMark;
    private long answeredNanos;
    private long receivedNanos;
    private @Nullable Problem waitsForMember;
    private int failures;
    private boolean over;

    /**
     * @param routes finds the coordinator, given the reason why the previous one was left
     * @param sessionTimeout the session timeout of the member
     */
    CoordinatorConnection(
            EventLoop loop,
            Function<Optional<Problem>, Route> routes,
            Duration sessionTimeout,
            Member member) {
        this.loop = loop;
        this.routes = routes;
        this.member = member;
        this.timeoutNanos = sessionTimeout.toNanos();
        this.answeredNanos = loop.nanoTime();
        this.receivedNanos = answeredNanos;
    }

    void begin(CoordinatorProbe lookout) {
        attach(Optional.empty());
        lookout.add(this);
    }

    boolean isOver() {
        return over;
    }

    /** Returns the session that the member has joined; null if there is none at present. */
    @Nullable GroupSession session() {
        return ear != null && ear.joined ? ear.session : null;
    }

    /** Returns the number of the current session; messages must be repeated in each new one. */
    int attempt() {
        return attempt;
    }

    /** Records a message of the member. */
    void received() {
        receivedNanos = loop.nanoTime();
        Problem hint = waitsForMember;
        if (hint != null) {
            waitsForMember = null;
            attach(Optional.of(hint));
        }
    }

    /** Records a heartbeat of the member and forwards it. */
    void alive(long newMark) {
        mark = Math.max(mark, newMark);
        received();
        if (ear != null && ear.session != null) {
            ear.session.alive(mark);
        }
    }

    /**
     * Forwards the acceptance of an invitation; a coordinator ignores invitations of another one.
     */
    void accept(String memberId) {
        received();
        if (ear != null && ear.session != null) {
            ear.session.accept(memberId);
        }
    }

    /** Ends the connection without notifying the member or the coordinator. */
    void drop() {
        over = true;
        waitsForMember = null;
        if (ear != null) {
            ear.over = true;
            ear = null;
        }
    }

    /** Ends the connection and detaches its session at the coordinator. */
    void detach() {
        Ear receives = ear;
        drop();
        if (receives != null && receives.session != null) {
            receives.session.detach();
        }
    }

    private void attach(Optional<Problem> hint) {
        if (over) {
            return;
        }
        Route route = routes.apply(hint);
        place = route.place();
        attempt++;
        Ear receives = new Ear();
        ear = receives;
        receives.session = route.sessions().join(member.request(), receives);
        if (mark > 0) {
            receives.session.alive(mark);
        }
    }

    /**
     * Checks whether a different node coordinates the group, since a silent coordinator may not
     * know of its replacement. Called periodically; only heartbeats unanswered since the previous
     * call count.
     */
    void check() {
        Ear receives = ear;
        if (over) {
            return;
        }
        if (waitsForMember != null && isTooLate()) {
            end(waitsForMember);
            return;
        }
        boolean silent = unansweredMark > answeredMark;
        unansweredMark = mark;
        if (receives != null
                && silent
                && !isQuiet()
                && !routes.apply(Optional.empty()).place().equals(place)) {
            receives.close();
            attach(Optional.empty());
        }
    }

    /** A live member sends three heartbeats per session timeout. */
    private boolean isQuiet() {
        return loop.nanoTime() - receivedNanos > timeoutNanos / 2;
    }

    private boolean isTooLate() {
        return loop.nanoTime() - answeredNanos >= timeoutNanos;
    }

    private void end(Problem problem) {
        drop();
        member.ended(problem);
    }

    /** The coordinator is unreachable, or does not coordinate the group. */
    private void lost(Problem problem) {
        ear = null;
        if (!problem.retriable() || isTooLate()) {
            end(problem);
            return;
        }
        boolean atOnce = failures == 0 && problem.details().containsKey("host");
        failures++;
        Duration pause = atOnce ? Duration.ZERO : PAUSES.after(failures);
        loop.schedule(pause, () -> again(problem));
    }

    private void again(Problem problem) {
        if (over) {
            return;
        }
        if (isQuiet()) {
            waitsForMember = problem;
        } else {
            attach(Optional.of(problem));
        }
    }

    /** Relays the events of one coordinator, until the session ends. */
    private final class Ear implements SessionListener {

        private @Nullable GroupSession session;
        private boolean joined;
        private boolean over;

        private void close() {
            over = true;
            if (session != null) {
                session.detach();
            }
        }

        @Override
        public void invited(String id) {
            if (!over) {
                member.invited(id);
            }
        }

        @Override
        public void joined(String id) {
            if (!over) {
                joined = true;
                member.joined(id);
            }
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (!over) {
                member.assigned(generation, partitions);
            }
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            if (!over) {
                member.revoke(partitions);
            }
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            if (!over) {
                member.lost(partitions);
            }
        }

        @Override
        public void alive(long answered) {
            if (!over) {
                failures = 0;
                answeredMark = answered;
                answeredNanos = loop.nanoTime();
                member.alive(answered);
            }
        }

        @Override
        public void ended(Problem problem) {
            if (!over) {
                over = true;
                CoordinatorConnection.this.lost(problem);
            }
        }
    }
}

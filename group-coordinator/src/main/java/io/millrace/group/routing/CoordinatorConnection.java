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
 * A member's line to the coordinator of its group, whichever node that is by now: one session at a
 * time, and another one where that is over or silent, until the member's own is over. A member that
 * was not heard of lately may go on through another node, whose session the group would end for
 * this one: no coordinator is looked for before the member is heard of again. Owned by the
 * metadata's loop.
 */
final class CoordinatorConnection {

    /** Whom the line is for. Is told what one coordinator after the other says. */
    interface Member extends SessionListener {

        /** How it joins just now: as a new member, or as the one that it was. */
        JoinRequest request();

        /** No coordinator is looked for any more. */
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
     * @param routes to the coordinator, given why the one before was left
     * @param sessionTimeout of the member
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

    /** Whether nothing comes of it any more. */
    boolean isOver() {
        return over;
    }

    /** Where the coordinator knows the member; null if none does just now. */
    @Nullable GroupSession session() {
        return ear != null && ear.joined ? ear.session : null;
    }

    /** Which of the sessions it is at: what is said in another one has to be said anew. */
    int attempt() {
        return attempt;
    }

    /** The member was heard of. */
    void received() {
        receivedNanos = loop.nanoTime();
        Problem hint = waitsForMember;
        if (hint != null) {
            waitsForMember = null;
            attach(Optional.of(hint));
        }
    }

    /** The member was heard of, and counts so. */
    void alive(long newMark) {
        mark = Math.max(mark, newMark);
        received();
        if (ear != null && ear.session != null) {
            ear.session.alive(mark);
        }
    }

    /**
     * The member has heard an invitation; if it was another coordinator's, this one knows it not.
     */
    void accept(String memberId) {
        received();
        if (ear != null && ear.session != null) {
            ear.session.accept(memberId);
        }
    }

    /** Ends without a word, to the member or to the coordinator. */
    void drop() {
        over = true;
        waitsForMember = null;
        if (ear != null) {
            ear.over = true;
            ear = null;
        }
    }

    /** Ends, and lets the coordinator know that nobody speaks for the member. */
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
     * Looks whether another node coordinates the group by now: one that does not answer may not
     * know of it. Called now and then; only what it did not answer from one time to the next
     * counts.
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

    /** A member that is there says so every third of its session timeout. */
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

    /** The coordinator is gone, or no coordinator. */
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

    /** Hears one coordinator, until the session there is over. */
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

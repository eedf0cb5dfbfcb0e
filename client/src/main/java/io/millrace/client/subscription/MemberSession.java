package io.millrace.client.subscription;

import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.SubscribeRequest;
import java.time.Duration;

/** The state of a subscription's stream, with its member id. Owner: the I/O thread. */
final class MemberSession {

    private enum State {
        DOWN,
        OPENING,
        UP
    }

    private final SubscriptionOpening opening;
    private final SessionExpiry clock;
    private State state = State.DOWN;
    private String memberId = "";
    private boolean firstAssignmentIsComplete;
    private boolean isAssigned;

    MemberSession(SubscriptionOpening opening, SessionExpiry clock) {
        this.opening = opening;
        this.clock = clock;
    }

    /**
     * @param continues whether the stream continues the partitions of the earlier stream, if any
     */
    SubscribeRequest open(boolean continues, long nowNanos) {
        state = State.OPENING;
        isAssigned = false;
        firstAssignmentIsComplete = continues && !memberId.isEmpty();
        clock.opened(nowNanos);
        return opening.withMember(continues ? memberId : "");
    }

    /** Records the admission. Returns whether the member id is unchanged. */
    boolean joined(Joined joined) {
        state = State.UP;
        boolean same = joined.getMemberId().equals(memberId);
        firstAssignmentIsComplete &= same;
        memberId = joined.getMemberId();
        clock.joined(
                Duration.ofMillis(joined.getHeartbeatIntervalMs()),
                Duration.ofMillis(joined.getSessionTimeoutMs()));
        return same;
    }

    /** Returns whether the assignment is complete. */
    boolean assigned() {
        boolean complete = firstAssignmentIsComplete;
        firstAssignmentIsComplete = false;
        isAssigned = true;
        return complete;
    }

    /**
     * Returns whether credit may be granted: only after the assignment, so that the node sends no
     * useless batches.
     */
    boolean mayGrantCredit() {
        return state == State.UP && isAssigned;
    }

    boolean isUp() {
        return state == State.UP;
    }

    boolean isDown() {
        return state == State.DOWN;
    }

    void down() {
        state = State.DOWN;
    }

    void forgetMember() {
        memberId = "";
        clock.ended();
    }

    boolean isMember(long nowNanos) {
        return !memberId.isEmpty() && clock.isValid(nowNanos);
    }
}

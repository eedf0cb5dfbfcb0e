package io.millrace.client.subscription;

import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.SubscribeRequest;
import java.time.Duration;

/**
 * State of a subscription's stream, and the member id used on it. Owner: the I/O thread, as for the
 * clock.
 */
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

    SubscribeRequest open(long nowNanos) {
        state = State.OPENING;
        isAssigned = false;
        firstAssignmentIsComplete = !memberId.isEmpty();
        clock.opened(nowNanos);
        return opening.withMember(memberId);
    }

    /**
     * Records that the node has admitted the member. Returns whether under the previous member id.
     */
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

    /** Records an assignment. Returns whether it is the complete assignment. */
    boolean assigned() {
        boolean complete = firstAssignmentIsComplete;
        firstAssignmentIsComplete = false;
        isAssigned = true;
        return complete;
    }

    /**
     * Returns whether credit may be granted: only after the assignment, so that the node knows the
     * positions first and sends no useless batches.
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

    /**
     * Drops the member id, which the group no longer knows: the next stream joins as a new member.
     */
    void forgetMember() {
        memberId = "";
        clock.ended();
    }

    /** Returns whether the group may be waiting for the member to leave. */
    boolean isMember(long nowNanos) {
        return !memberId.isEmpty() && clock.isValid(nowNanos);
    }
}

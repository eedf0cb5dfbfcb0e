package io.millrace.client.subscription;

import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.SubscribeRequest;
import java.time.Duration;

/**
 * Where a subscription's stream stands, and as which member it goes on. Owner: the I/O thread, as
 * that of the clock.
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
    private boolean firstIsComplete;
    private boolean isAssigned;

    MemberSession(SubscriptionOpening opening, SessionExpiry clock) {
        this.opening = opening;
        this.clock = clock;
    }

    /** A stream is being opened: the first message on it. */
    SubscribeRequest open(long nowNanos) {
        state = State.OPENING;
        isAssigned = false;
        firstIsComplete = !memberId.isEmpty();
        clock.opened(nowNanos);
        return opening.as(memberId);
    }

    /** The node let it in. Returns whether as the member that it was, if it was one. */
    boolean joined(Joined joined) {
        state = State.UP;
        boolean same = joined.getMemberId().equals(memberId);
        firstIsComplete &= same;
        memberId = joined.getMemberId();
        clock.joined(
                Duration.ofMillis(joined.getHeartbeatIntervalMs()),
                Duration.ofMillis(joined.getSessionTimeoutMs()));
        return same;
    }

    /** Partitions were assigned. Returns whether these are all that it has. */
    boolean assigned() {
        boolean complete = firstIsComplete;
        firstIsComplete = false;
        isAssigned = true;
        return complete;
    }

    /**
     * Whether the node may be given credit: not before it could be told where partitions go on, so
     * that nothing is sent in vain.
     */
    boolean mayGrant() {
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

    /** The group does not know the member any more: the next stream is a new one's. */
    void forgetMember() {
        memberId = "";
        clock.ended();
    }

    /** Whether the group may be waiting for it to leave. */
    boolean isMember(long nowNanos) {
        return !memberId.isEmpty() && clock.holds(nowNanos);
    }
}

package io.millrace.client.subscription;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Client-side session of a member: lasts the session timeout from the sending of the latest message
 * that the group has acknowledged. After that the member must treat all partitions as lost,
 * regardless of later responses. The current time is passed in. Owner: the I/O thread, except for
 * {@link #isValid}.
 */
final class SessionExpiry {

    /**
     * Minimum interval between recorded send times; a message in between counts from the time
     * before.
     */
    private static final long MIN_SEND_INTERVAL_NANOS = 10_000_000L;

    private record Sent(long message, long nanos) {}

    private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
    private long messages;
    private Sent lastHeartbeat = new Sent(-1, 0);

    /** The first unacknowledged heartbeat; null if none is outstanding. */
    private @Nullable Sent oldestUnacknowledged;

    private long intervalNanos;
    private long timeoutNanos;
    private boolean limited;
    private boolean started;

    /** Validity of the session; one record, so that other threads see a consistent pair. */
    private record SessionValidity(boolean endless, long untilNanos) {}

    private volatile SessionValidity validity = new SessionValidity(false, Long.MIN_VALUE);

    /** Starts a new stream: message numbers restart at zero, and the first message is in flight. */
    void opened(long nowNanos) {
        unanswered.clear();
        messages = 0;
        oldestUnacknowledged = null;
        sent(nowNanos);
        expectAck(nowNanos);
    }

    /** Records that a message was sent. */
    void sent(long nowNanos) {
        Sent last = unanswered.peekLast();
        if (last == null || nowNanos - last.nanos() >= MIN_SEND_INTERVAL_NANOS) {
            unanswered.add(new Sent(messages, nowNanos));
        }
        messages++;
    }

    /** Marks the message just sent as one to be acknowledged soon. */
    void expectAck(long nowNanos) {
        lastHeartbeat = new Sent(messages - 1, nowNanos);
        if (oldestUnacknowledged == null) {
            oldestUnacknowledged = lastHeartbeat;
        }
    }

    /**
     * Records the admission to the group, which acknowledges the first message.
     *
     * @param timeout the session timeout; zero for a subscription without a group, which never
     *     expires
     */
    void joined(Duration interval, Duration timeout) {
        intervalNanos = interval.toNanos();
        timeoutNanos = timeout.toNanos();
        limited = timeoutNanos > 0;
        received(1);
    }

    /** Records that the group has received {@code count} messages of the stream. */
    void received(long count) {
        Sent newest = null;
        while (!unanswered.isEmpty() && unanswered.getFirst().message() < count) {
            newest = unanswered.removeFirst();
        }
        if (newest != null) {
            extend(newest.nanos() + timeoutNanos);
            // Later messages that share this recorded time may still be unacknowledged.
            unanswered.addFirst(newest);
        }
        Sent waiting = oldestUnacknowledged;
        if (waiting != null && waiting.message() < count) {
            oldestUnacknowledged = lastHeartbeat.message() < count ? null : lastHeartbeat;
        }
    }

    private void extend(long untilNanos) {
        if (!limited) {
            validity = new SessionValidity(true, 0);
        } else if (!started || untilNanos - validity.untilNanos() > 0) {
            validity = new SessionValidity(false, untilNanos);
        }
        started = true;
    }

    /** Ends the session; a new one begins with {@link #joined}. */
    void ended() {
        started = false;
        validity = new SessionValidity(false, Long.MIN_VALUE);
    }

    /**
     * Returns whether the session is valid, so that the member may work on its partitions. Any
     * thread.
     */
    boolean isValid(long nowNanos) {
        SessionValidity current = validity;
        return current.endless()
                || (current.untilNanos() != Long.MIN_VALUE && nowNanos - current.untilNanos() < 0);
    }

    /** Returns whether a session existed and has expired. */
    boolean isExpired(long nowNanos) {
        return started && !isValid(nowNanos);
    }

    /**
     * Returns the nanoseconds until the session expires; {@link Long#MAX_VALUE} if it never does.
     */
    long remainingNanos(long nowNanos) {
        return started && limited ? validity.untilNanos() - nowNanos : Long.MAX_VALUE;
    }

    /** Returns the nanoseconds until the next heartbeat; {@link Long#MAX_VALUE} for never. */
    long heartbeatInNanos(long nowNanos) {
        return limited ? lastHeartbeat.nanos() + intervalNanos - nowNanos : Long.MAX_VALUE;
    }

    /** Returns the time for which an outstanding heartbeat is unacknowledged. */
    Duration silence(long nowNanos) {
        Sent waiting = oldestUnacknowledged;
        return waiting == null ? Duration.ZERO : Duration.ofNanos(nowNanos - waiting.nanos());
    }
}

package io.millrace.client.subscription;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Client-side session of a member: lasts the session timeout from the sending of the latest message
 * that the group has acknowledged. After that the member must treat all partitions as lost,
 * regardless of later responses. The current time is passed in. Owner: the I/O thread, except for
 * {@link #holds}.
 */
final class SessionExpiry {

    /**
     * Minimum interval between recorded send times; a message in between counts from the time
     * before.
     */
    private static final long APART_NANOS = 10_000_000L;

    private record Sent(long message, long nanos) {}

    private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
    private long messages;
    private Sent lastHeartbeat = new Sent(-1, 0);

    /** The first unacknowledged heartbeat; null if none is outstanding. */
    private @Nullable Sent silent;

    private long intervalNanos;
    private long timeoutNanos;
    private boolean limited;
    private boolean began;

    /** Validity of the session; one record, so that other threads see a consistent pair. */
    private record Right(boolean endless, long untilNanos) {}

    private volatile Right right = new Right(false, Long.MIN_VALUE);

    /** Starts a new stream: message numbers restart at zero, and the first message is in flight. */
    void opened(long nowNanos) {
        unanswered.clear();
        messages = 0;
        silent = null;
        sent(nowNanos);
        awaits(nowNanos);
    }

    /** Records that a message was sent. */
    void sent(long nowNanos) {
        Sent last = unanswered.peekLast();
        if (last == null || nowNanos - last.nanos() >= APART_NANOS) {
            unanswered.add(new Sent(messages, nowNanos));
        }
        messages++;
    }

    /** Marks the message just sent as one to be acknowledged soon. */
    void awaits(long nowNanos) {
        lastHeartbeat = new Sent(messages - 1, nowNanos);
        if (silent == null) {
            silent = lastHeartbeat;
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
        Sent waiting = silent;
        if (waiting != null && waiting.message() < count) {
            silent = lastHeartbeat.message() < count ? null : lastHeartbeat;
        }
    }

    private void extend(long untilNanos) {
        if (!limited) {
            right = new Right(true, 0);
        } else if (!began || untilNanos - right.untilNanos() > 0) {
            right = new Right(false, untilNanos);
        }
        began = true;
    }

    /** Ends the session; a new one begins with {@link #joined}. */
    void ended() {
        began = false;
        right = new Right(false, Long.MIN_VALUE);
    }

    /**
     * Returns whether the session is valid, so that the member may work on its partitions. Any
     * thread.
     */
    boolean holds(long nowNanos) {
        Right current = right;
        return current.endless()
                || (current.untilNanos() != Long.MIN_VALUE && nowNanos - current.untilNanos() < 0);
    }

    /** Returns whether a session existed and has expired. */
    boolean isOver(long nowNanos) {
        return began && !holds(nowNanos);
    }

    /**
     * Returns the nanoseconds until the session expires; {@link Long#MAX_VALUE} if it never does.
     */
    long leftNanos(long nowNanos) {
        return began && limited ? right.untilNanos() - nowNanos : Long.MAX_VALUE;
    }

    /** Returns the nanoseconds until the next heartbeat; {@link Long#MAX_VALUE} for never. */
    long heartbeatInNanos(long nowNanos) {
        return limited ? lastHeartbeat.nanos() + intervalNanos - nowNanos : Long.MAX_VALUE;
    }

    /** Returns the time for which an outstanding heartbeat is unacknowledged. */
    Duration silence(long nowNanos) {
        Sent waiting = silent;
        return waiting == null ? Duration.ZERO : Duration.ofNanos(nowNanos - waiting.nanos());
    }
}

package io.millrace.client.subscription;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The session of a member by the client's clock: lasts the session timeout from the sending of the
 * latest acknowledged message. After that the member must treat all partitions as lost, regardless
 * of later responses. Owner: the I/O thread, except for {@link #isValid}.
 */
final class SessionExpiry {

    /**
     * The minimum interval between recorded send times; a message in between counts from the
     * earlier time.
     */
    private static final long MIN_SEND_INTERVAL_NANOS = 10_000_000L;

    private record Sent(long message, long nanos) {}

    private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
    private long messages;
    private Sent lastHeartbeat = new Sent(-1, 0);

    private @Nullable Sent oldestUnacknowledged;

    private long intervalNanos;
    private long timeoutNanos;
    private boolean limited;
    private boolean started;

    /** A single record, so that other threads read a consistent pair. */
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

    void sent(long nowNanos) {
        Sent last = unanswered.peekLast();
        if (last == null || nowNanos - last.nanos() >= MIN_SEND_INTERVAL_NANOS) {
            unanswered.add(new Sent(messages, nowNanos));
        }
        messages++;
    }

    /** Marks the message just sent as a heartbeat to be acknowledged. */
    void expectAck(long nowNanos) {
        lastHeartbeat = new Sent(messages - 1, nowNanos);
        if (oldestUnacknowledged == null) {
            oldestUnacknowledged = lastHeartbeat;
        }
    }

    /**
     * Records the admission, which acknowledges the first message.
     *
     * @param timeout the session timeout; zero without a group: the session never expires
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

    void ended() {
        started = false;
        validity = new SessionValidity(false, Long.MIN_VALUE);
    }

    /** Returns whether the member may work on its partitions. Any thread. */
    boolean isValid(long nowNanos) {
        SessionValidity current = validity;
        return current.endless()
                || (current.untilNanos() != Long.MIN_VALUE && nowNanos - current.untilNanos() < 0);
    }

    boolean isExpired(long nowNanos) {
        return started && !isValid(nowNanos);
    }

    /** Returns the nanoseconds until the session expires; {@link Long#MAX_VALUE} for never. */
    long remainingNanos(long nowNanos) {
        return started && limited ? validity.untilNanos() - nowNanos : Long.MAX_VALUE;
    }

    /** Returns the nanoseconds until the next heartbeat; {@link Long#MAX_VALUE} for never. */
    long heartbeatInNanos(long nowNanos) {
        return limited ? lastHeartbeat.nanos() + intervalNanos - nowNanos : Long.MAX_VALUE;
    }

    Duration silence(long nowNanos) {
        Sent waiting = oldestUnacknowledged;
        return waiting == null ? Duration.ZERO : Duration.ofNanos(nowNanos - waiting.nanos());
    }
}

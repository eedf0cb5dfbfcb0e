package io.millrace.client.subscription;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How long a member may work on its partitions: for its session timeout from when it sent the last
 * message that the group answered. Whoever asks later than that must take them for lost, whatever
 * else it hears. It is told what time it is. Owner: the I/O thread, but for {@link #holds}.
 */
final class SessionExpiry {

    /** Times are noted so far apart at most; a message in between counts from the one before. */
    private static final long APART_NANOS = 10_000_000L;

    /** When a message was sent. */
    private record Sent(long message, long nanos) {}

    private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();
    private long messages;
    private Sent lastHeartbeat = new Sent(-1, 0);

    /** The first that is not answered; null if all are. */
    private @Nullable Sent silent;

    private long intervalNanos;
    private long timeoutNanos;
    private boolean limited;
    private boolean began;

    /**
     * Whether there is a right, and until when; written as one so that no thread sees a mixture.
     */
    private record Right(boolean endless, long untilNanos) {}

    private volatile Right right = new Right(false, Long.MIN_VALUE);

    /** A new stream: messages count from zero, and its first is on its way. */
    void opened(long nowNanos) {
        unanswered.clear();
        messages = 0;
        silent = null;
        sent(nowNanos);
        awaits(nowNanos);
    }

    /** A message was sent. */
    void sent(long nowNanos) {
        Sent last = unanswered.peekLast();
        if (last == null || nowNanos - last.nanos() >= APART_NANOS) {
            unanswered.add(new Sent(messages, nowNanos));
        }
        messages++;
    }

    /** The message just sent is one that the group must answer soon. */
    void awaits(long nowNanos) {
        lastHeartbeat = new Sent(messages - 1, nowNanos);
        if (silent == null) {
            silent = lastHeartbeat;
        }
    }

    /**
     * The group took the member in; that answers the first message.
     *
     * @param timeout zero for a subscription without a group, whose right never ends
     */
    void joined(Duration interval, Duration timeout) {
        intervalNanos = interval.toNanos();
        timeoutNanos = timeout.toNanos();
        limited = timeoutNanos > 0;
        received(1);
    }

    /** The group heard so many messages. */
    void received(long count) {
        Sent newest = null;
        while (!unanswered.isEmpty() && unanswered.getFirst().message() < count) {
            newest = unanswered.removeFirst();
        }
        if (newest != null) {
            extend(newest.nanos() + timeoutNanos);
            // Messages that were noted with it may be unanswered still.
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

    /** The right is over: a new one begins with {@link #joined}. */
    void ended() {
        began = false;
        right = new Right(false, Long.MIN_VALUE);
    }

    /** Whether the member may work on its partitions. From any thread. */
    boolean holds(long nowNanos) {
        Right current = right;
        return current.endless()
                || (current.untilNanos() != Long.MIN_VALUE && nowNanos - current.untilNanos() < 0);
    }

    /** Whether there was a right, and it is over. */
    boolean isOver(long nowNanos) {
        return began && !holds(nowNanos);
    }

    /** When the right ends, in nanoseconds from now; the longest time if it does not. */
    long leftNanos(long nowNanos) {
        return began && limited ? right.untilNanos() - nowNanos : Long.MAX_VALUE;
    }

    /** When the next heartbeat is due, in nanoseconds from now; the longest time for never. */
    long heartbeatInNanos(long nowNanos) {
        return limited ? lastHeartbeat.nanos() + intervalNanos - nowNanos : Long.MAX_VALUE;
    }

    /** For how long the group has left a message unanswered that it should answer at once. */
    Duration silence(long nowNanos) {
        Sent waiting = silent;
        return waiting == null ? Duration.ZERO : Duration.ofNanos(nowNanos - waiting.nanos());
    }
}

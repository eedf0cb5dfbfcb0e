package io.millrace.simulation.workload;

import java.time.Duration;
import java.util.TreeMap;

/**
 * How long a member may work on what is its own, by its own clock: a session timeout from when it
 * sent the last message that its group answered.
 */
final class MemberLeaseCheck {

    private final long timeoutNanos;
    private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
    private long mark;
    private long untilNanos;

    MemberLeaseCheck(Duration sessionTimeout) {
        this.timeoutNanos = sessionTimeout.toNanos();
    }

    /**
     * It asks to join, or goes on elsewhere.
     *
     * @param isNew whether that alone gives it a right, from now on
     * @return the mark of its first message
     */
    long begin(long nowNanos, boolean isNew) {
        sentNanos.clear();
        if (isNew) {
            untilNanos = nowNanos + timeoutNanos;
        }
        return asked(nowNanos);
    }

    /** It says that it is there, with this mark. */
    long asked(long nowNanos) {
        sentNanos.put(++mark, nowNanos);
        return mark;
    }

    void answered(long received) {
        Long sent = sentNanos.get(received);
        if (sent != null) {
            untilNanos = Math.max(untilNanos, sent + timeoutNanos);
            sentNanos.headMap(received).clear();
        }
    }

    boolean lasts(long nowNanos) {
        return nowNanos < untilNanos;
    }
}

package io.millrace.simulation.workload;

import java.time.Duration;
import java.util.TreeMap;

/** The time until which a member may process its partitions, by its own clock: one session timeout after it sent the last message that the group answered. */
final class MemberLeaseCheck {

    private final long timeoutNanos;
    private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
    private long mark;
    private long untilNanos;

    MemberLeaseCheck(Duration sessionTimeout) {
        this.timeoutNanos = sessionTimeout.toNanos();
    }

    /**
     * Starts a session, new or continued on another node.
     *
     * @param isNew whether the member may start to count from now on
     * @return the sequence number of the first heartbeat
     */
    long begin(long nowNanos, boolean isNew) {
        sentNanos.clear();
        if (isNew) {
            untilNanos = nowNanos + timeoutNanos;
        }
        return asked(nowNanos);
    }

    /** Notes a heartbeat and returns its sequence number. */
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

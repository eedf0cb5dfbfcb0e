package io.millrace.simulation.workload;

import java.time.Duration;
import java.util.TreeMap;

/**
 * The time until which a member may process the assigned partitions, by the member's clock: one
 * session timeout after the last message that the group answered was sent.
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
     * Starts a session, new or continued on a different node.
     *
     * @param isNew whether the lease starts now
     * @return the sequence number of the first heartbeat
     */
    long begin(long nowNanos, boolean isNew) {
        sentNanos.clear();
        if (isNew) {
            untilNanos = nowNanos + timeoutNanos;
        }
        return asked(nowNanos);
    }

    /** Notes a heartbeat and returns the sequence number. */
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

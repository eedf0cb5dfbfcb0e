package io.millrace.simulation.workload;

import java.time.Duration;
import java.util.TreeMap;

/**
 * The time until which a member may process its partitions: one session timeout after it sent the
 * last answered message.
 */
final class MemberLeaseClock {

    private final long timeoutNanos;
    private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
    private long lastSequence;
    private long untilNanos;

    MemberLeaseClock(Duration sessionTimeout) {
        this.timeoutNanos = sessionTimeout.toNanos();
    }

    /**
     * @param isNew whether the lease starts now
     * @return the sequence number of the first heartbeat
     */
    long begin(long nowNanos, boolean isNew) {
        sentNanos.clear();
        if (isNew) {
            untilNanos = nowNanos + timeoutNanos;
        }
        return heartbeatSent(nowNanos);
    }

    /** Notes a heartbeat and returns its sequence number. */
    long heartbeatSent(long nowNanos) {
        sentNanos.put(++lastSequence, nowNanos);
        return lastSequence;
    }

    void heartbeatAnswered(long received) {
        Long sent = sentNanos.get(received);
        if (sent != null) {
            untilNanos = Math.max(untilNanos, sent + timeoutNanos);
            sentNanos.headMap(received).clear();
        }
    }

    boolean isValid(long nowNanos) {
        return nowNanos < untilNanos;
    }
}

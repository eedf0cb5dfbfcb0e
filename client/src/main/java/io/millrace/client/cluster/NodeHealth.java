package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * The reachability of a node at its advertised address. A failed node is probed after a pause that
 * doubles with each consecutive failure. Owner: the I/O thread.
 */
final class NodeHealth {

    private static final Backoff PAUSES =
            Backoff.exact(Duration.ofMillis(250), Duration.ofSeconds(8));
    private static final long RESET_AFTER_NANOS = 30_000_000_000L;

    private enum State {
        UNTRIED,
        GOOD,
        BAD
    }

    private final Map<Role, RoleHealth> healthByRole = new EnumMap<>(Role.class);
    private State state = State.UNTRIED;
    private boolean probing;
    private int failures;
    private long goodSinceNanos;
    private long nextProbeNanos;
    private String why = "no response yet";

    RoleHealth inRole(Role role) {
        return healthByRole.computeIfAbsent(role, first -> new RoleHealth());
    }

    boolean isSetAside(long nowNanos) {
        return healthByRole.values().stream().anyMatch(service -> service.isSetAside(nowNanos));
    }

    boolean isGood() {
        return state == State.GOOD;
    }

    boolean isUntried() {
        return state == State.UNTRIED;
    }

    boolean isBad() {
        return state == State.BAD;
    }

    boolean isProbeDue(long nowNanos) {
        return state == State.UNTRIED || (state == State.BAD && nowNanos - nextProbeNanos >= 0);
    }

    /** Returns whether a probe may start, and marks a probe as started. */
    boolean tryBeginProbe() {
        boolean may = !probing;
        probing = true;
        return may;
    }

    void answered(long nowNanos) {
        probing = false;
        if (state != State.GOOD) {
            state = State.GOOD;
            goodSinceNanos = nowNanos;
        }
    }

    void failed(long nowNanos, String reason) {
        probing = false;
        if (state == State.GOOD && nowNanos - goodSinceNanos >= RESET_AFTER_NANOS) {
            failures = 0;
        }
        state = State.BAD;
        why = reason;
        nextProbeNanos = nowNanos + PAUSES.nanosAfter(++failures);
    }

    String why() {
        return why;
    }
}

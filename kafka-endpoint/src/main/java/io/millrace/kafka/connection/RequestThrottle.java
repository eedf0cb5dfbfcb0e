package io.millrace.kafka.connection;

import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Caller;
import io.millrace.security.quota.QuotaEnforcement;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Holds the requests of a client above its quota of requests. Owned by the connection's event loop.
 */
final class RequestThrottle {

    /** After this time, a change of the quota takes effect. */
    private static final long MAX_HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final QuotaEnforcement quotas;
    private final ConnectionMetrics metrics;
    private final EventExecutor loop;
    private final Runnable resume;
    private boolean held;

    /**
     * @param resume the callback at the end of a hold
     */
    RequestThrottle(
            QuotaEnforcement quotas,
            ConnectionMetrics metrics,
            EventExecutor loop,
            Runnable resume) {
        this.quotas = quotas;
        this.metrics = metrics;
        this.loop = loop;
        this.resume = resume;
    }

    /** Returns whether a hold is in force. */
    boolean isHeld() {
        return held;
    }

    /** Begins a hold if the caller is above its quota. Returns whether a hold is in force. */
    boolean hold(Optional<Caller> caller) {
        if (!held && caller.isPresent()) {
            long delayNanos = quotas.delayNanos(caller.get().principal(), QuotaKind.REQUESTS);
            if (delayNanos > 0) {
                held = true;
                long holdNanos = Math.min(delayNanos, MAX_HOLD_NANOS);
                metrics.throttled(QuotaKind.REQUESTS, holdNanos);
                loop.schedule(this::endHold, holdNanos, TimeUnit.NANOSECONDS);
            }
        }
        return held;
    }

    private void endHold() {
        held = false;
        resume.run();
    }
}

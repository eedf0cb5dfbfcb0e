package io.millrace.server.grpc.access;

import io.millrace.protocol.quota.QuotaKind;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Holds back requests for further messages of a call while its caller is above a quota. Waits in
 * pieces of at most {@link #MAX_PIECE}, so that a change of the quota takes effect soon. Requests
 * come from any thread; the waits are owned by the loop.
 */
final class RequestThrottle {

    static final Duration MAX_PIECE = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final CallRights rights;
    private final List<QuotaKind> kinds;
    private final IntConsumer requests;
    private final BooleanSupplier ended;
    // Written by the loop.
    private volatile int held;
    private long heldSinceNanos;
    private QuotaKind heldBy = QuotaKind.REQUESTS;

    /**
     * @param requests requests messages from the transport
     * @param ended returns whether the call has ended
     */
    RequestThrottle(
            EventLoop loop,
            CallRights rights,
            List<QuotaKind> kinds,
            IntConsumer requests,
            BooleanSupplier ended) {
        this.loop = loop;
        this.rights = rights;
        this.kinds = kinds;
        this.requests = requests;
        this.ended = ended;
    }

    void request(int messages) {
        if (held == 0 && !isAboveQuota()) {
            requests.accept(messages);
        } else {
            loop.runNowOrLater(() -> hold(messages));
        }
    }

    private boolean isAboveQuota() {
        for (QuotaKind kind : kinds) {
            if (rights.delayNanos(kind) > 0) {
                return true;
            }
        }
        return false;
    }

    private void hold(int messages) {
        int before = held;
        held = before + messages;
        if (before == 0) {
            heldSinceNanos = loop.nanoTime();
            check();
        }
    }

    private void check() {
        long delayNanos = 0;
        for (QuotaKind kind : kinds) {
            long nanos = rights.delayNanos(kind);
            if (nanos > delayNanos) {
                delayNanos = nanos;
                heldBy = kind;
            }
        }
        if (ended.getAsBoolean()) {
            held = 0;
        } else if (delayNanos > 0) {
            loop.schedule(Duration.ofNanos(Math.min(delayNanos, MAX_PIECE.toNanos())), this::check);
        } else {
            rights.delayed(heldBy, loop.nanoTime() - heldSinceNanos);
            int messages = held;
            held = 0;
            requests.accept(messages);
        }
    }
}

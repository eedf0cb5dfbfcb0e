package io.millrace.client.subscription;

import io.millrace.protocol.v1.SubscribeRequest;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The queue of pending steps. Owner: the I/O thread. */
final class SubscriptionSteps {

    private final ArrayDeque<SubscriptionStep> waiting = new ArrayDeque<>();
    private final SessionExpiry clock;

    SubscriptionSteps(SessionExpiry clock) {
        this.clock = clock;
    }

    void send(SubscribeRequest.Builder request, long nowNanos) {
        clock.sent(nowNanos);
        waiting.add(new SubscriptionStep.Send(request.build()));
    }

    void add(SubscriptionStep step) {
        waiting.add(step);
    }

    @Nullable SubscriptionStep poll() {
        return waiting.poll();
    }
}

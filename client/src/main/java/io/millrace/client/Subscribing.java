package io.millrace.client;

import io.millrace.client.ClusterNode.Role;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a {@link SubscriptionCore} wants: keeps a stream open to one fetch node, and to
 * another when that one breaks off, falls silent or goes. Owner: the I/O thread.
 */
final class Subscribing implements SubscribeCall.Owner {

    private final IoThread io;
    private final Nodes nodes;
    private final Backoff backoff;
    private final TopicPartition place;
    private final SubscriptionCore core;
    private final Callbacks callbacks;
    private final CompletableFuture<Void> done;
    private final Runnable rerouted = this::rerouted;
    private @Nullable SubscribeCall call;
    private boolean isLeft;
    private boolean stepping;
    private boolean waits;
    private int brokenInARow;
    private @Nullable Long tickAtNanos;
    private volatile @Nullable String trouble = "it is being opened";

    /**
     * @param place stands for this subscription where nodes are chosen
     * @param done completes when all is over
     */
    Subscribing(
            IoThread io,
            Nodes nodes,
            Backoff backoff,
            TopicPartition place,
            SubscriptionCore core,
            Callbacks callbacks,
            CompletableFuture<Void> done) {
        this.io = io;
        this.nodes = nodes;
        this.backoff = backoff;
        this.place = place;
        this.core = core;
        this.callbacks = callbacks;
        this.done = done;
    }

    void start() {
        nodes.join(rerouted);
        connect();
        look();
    }

    /** Why nothing comes just now, in words for people; null if it may. From any thread. */
    @Nullable String trouble() {
        return trouble;
    }

    /** Lets the core do something, and does what it wants then. From any thread. */
    void enter(ObjLongConsumer<SubscriptionCore> what) {
        io.run(() -> {
            try {
                what.accept(core, io.nanoTime());
            } catch (RuntimeException bug) {
                String fault = "A fault of the client ended the subscription: " + bug;
                core.abort(
                        new MillraceException.Refused(new Problem(Reason.INTERNAL_ERROR, fault)));
            }
            goOn();
        });
    }

    private void goOn() {
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            for (var step = core.poll(); step != null; step = core.poll()) {
                take(step);
            }
        } finally {
            stepping = false;
        }
        arm();
    }

    private void take(SubscriptionStep step) {
        switch (step) {
            case SubscriptionStep.Send(var request) -> {
                if (call != null) {
                    call.send(request);
                }
            }
            case SubscriptionStep.Begin(HandlerRun run) ->
                    callbacks.begin(
                            run,
                            () -> core.mayGoOn(io.nanoTime()),
                            (ended, outcome) ->
                                    enter((state, now) -> state.ran(ended, outcome, now)));
            case SubscriptionStep.Tell(var notice) ->
                    callbacks.tell(
                            notice,
                            (told, thrown) -> enter((state, now) -> state.told(told, thrown, now)));
            case SubscriptionStep.HangUp(String why) -> {
                leaveCall(why);
                reconnect();
            }
            case SubscriptionStep.Settle(Runnable completion) -> completion.run();
            case SubscriptionStep.Over(var failure) -> over(failure);
        }
    }

    private void leaveCall(String why) {
        SubscribeCall left = call;
        call = null;
        if (left != null) {
            trouble = why;
            left.cancel(why);
        }
    }

    private void over(@Nullable MillraceException failure) {
        nodes.leave(rerouted);
        leaveCall("The subscription is over");
        trouble = null;
        callbacks.whenQuiet(() -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    private void connect() {
        if (call != null || waits || core.isOver()) {
            return;
        }
        Connection way = nodes.route(Role.FETCH, place);
        if (way == null) {
            trouble = nodes.why(Role.FETCH);
            return;
        }
        isLeft = false;
        SubscribeCall opened = new SubscribeCall(way, this, io::run);
        call = opened;
        opened.open(core.open(io.nanoTime()));
        goOn();
    }

    @Override
    public void heard(SubscribeCall from, SubscribeResponse response) {
        if (from != call) {
            return;
        }
        if (response.hasJoined()) {
            brokenInARow = 0;
            trouble = null;
            nodes.served(from.connection(), Role.FETCH);
        }
        enter((state, now) -> state.heard(response, now));
    }

    @Override
    public void ended(SubscribeCall which, @Nullable MillraceException failure) {
        if (which != call) {
            return;
        }
        call = null;
        if (failure != null) {
            trouble = failure.getMessage();
            if (Calls.isGone(failure) && !isLeft) {
                nodes.failed(which.connection(), String.valueOf(failure.getMessage()));
            } else if (Calls.isUnserved(failure)) {
                nodes.unserved(which.connection(), Role.FETCH, false);
            }
        }
        reconnect();
        enter((state, now) -> state.broken(failure, now));
    }

    private void reconnect() {
        if (waits) {
            return;
        }
        waits = true;
        io.schedule(
                backoff.after(++brokenInARow),
                () -> {
                    waits = false;
                    Connection way = nodes.route(Role.FETCH, place);
                    if (way != null) {
                        way.tryNow();
                    }
                    connect();
                });
    }

    private void rerouted() {
        SubscribeCall current = call;
        if (current == null) {
            connect();
        } else if (nodes.isLost(current.connection())) {
            giveUp(current, "its node is gone");
        }
    }

    private void giveUp(SubscribeCall which, String why) {
        if (which == call) {
            isLeft = true;
            which.cancel(why);
        }
    }

    /** Sees whether the node is still there. */
    private void look() {
        if (core.isOver()) {
            return;
        }
        SubscribeCall current = call;
        if (current != null
                && core.silence(io.nanoTime()).compareTo(nodes.silenceLimits().suspect()) >= 0) {
            var unused =
                    nodes.doubt(current.connection())
                            .thenAccept(isThere -> {
                                if (!isThere || isUnbearable(current)) {
                                    current.connection().connectAnew();
                                    giveUp(current, "its node has fallen silent");
                                }
                            });
        }
        if (call == null && !waits) {
            connect();
        }
        io.schedule(nodes.silenceLimits().checkInterval(), this::look);
    }

    private boolean isUnbearable(SubscribeCall current) {
        return current == call
                && core.silence(io.nanoTime()).compareTo(nodes.silenceLimits().unserved()) >= 0
                && nodes.unserved(current.connection(), Role.FETCH, true);
    }

    /** Makes sure that the core hears of the time when it needs to. */
    private void arm() {
        if (core.isOver()) {
            return;
        }
        long now = io.nanoTime();
        long in = core.tickInNanos(now);
        if (in == Long.MAX_VALUE) {
            return;
        }
        long at = now + in;
        Long armed = tickAtNanos;
        if (armed != null && armed - at <= 0) {
            return;
        }
        tickAtNanos = at;
        io.schedule(
                Duration.ofNanos(in),
                () -> {
                    Long current = tickAtNanos;
                    if (current != null && current == at) {
                        tickAtNanos = null;
                        enter(SubscriptionCore::tick);
                    }
                });
    }
}

package io.millrace.client.subscription;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the steps of a {@link SubscriptionCore}. Keeps a stream open to a fetch node, and
 * fails over if the stream breaks, is silent or its node is lost. Owner: the I/O thread.
 */
final class SubscriptionDriver implements SubscriptionStream.Owner {

    /** Exceeds the time between two reports of a node whose reads keep failing. */
    private static final long READ_PROBLEM_NANOS = 60_000_000_000L;

    private final IoThread io;
    private final NodeCalls nodes;
    private final Backoff backoff;
    private final TopicPartition routingKey;
    private final SubscriptionCore core;
    private final SubscriptionCallbacks callbacks;
    private final CompletableFuture<Void> done;
    private final ClientMetrics metrics;
    private final Runnable rerouted = this::rerouted;
    private @Nullable SubscriptionStream call;
    private boolean nodeAbandoned;
    private boolean stepping;
    private boolean backingOff;
    private int consecutiveFailures;
    private @Nullable Long tickAtNanos;
    private volatile AssignedPartitionState.@Nullable ReadProblem readProblem;
    private volatile @Nullable String stallReason = "the subscription is being opened";

    SubscriptionDriver(
            IoThread io,
            NodeCalls nodes,
            Backoff backoff,
            TopicPartition place,
            SubscriptionCore core,
            SubscriptionCallbacks callbacks,
            CompletableFuture<Void> done,
            ClientMetrics metrics) {
        this.io = io;
        this.nodes = nodes;
        this.backoff = backoff;
        this.routingKey = place;
        this.core = core;
        this.callbacks = callbacks;
        this.done = done;
        this.metrics = metrics;
    }

    void start() {
        nodes.addListener(rerouted);
        connect();
        check();
    }

    /** Returns the reason for missing records. Any thread. */
    @Nullable String stallReason() {
        String own = stallReason;
        AssignedPartitionState.ReadProblem problem = readProblem;
        if (own != null || problem == null) {
            return own;
        }
        return io.nanoTime() - problem.nanos() < READ_PROBLEM_NANOS ? problem.message() : null;
    }

    /** Runs an action on the core and carries out its steps. Any thread. */
    void runOnCore(ObjLongConsumer<SubscriptionCore> what) {
        io.run(() -> {
            try {
                what.accept(core, io.nanoTime());
            } catch (RuntimeException bug) {
                String fault = "A bug of the client ended the subscription: " + bug;
                core.abort(
                        new MillraceException.Rejected(new Problem(Reason.INTERNAL_ERROR, fault)));
            }
            proceed();
        });
    }

    private void proceed() {
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            for (var step = core.poll(); step != null; step = core.poll()) {
                execute(step);
            }
        } finally {
            stepping = false;
        }
        readProblem = core.readProblem();
        scheduleTick();
    }

    private void execute(SubscriptionStep step) {
        switch (step) {
            case SubscriptionStep.Send(var request) -> {
                if (call != null) {
                    call.send(request);
                }
            }
            case SubscriptionStep.RunHandler(HandlerRun run) ->
                    callbacks.begin(
                            run,
                            () -> core.mayProceed(io.nanoTime()),
                            (ended, outcome) ->
                                    runOnCore((state, now) ->
                                            state.handlerEnded(ended, outcome, now)));
            case SubscriptionStep.NotifyListener(var notice) ->
                    callbacks.report(
                            notice,
                            (reported, thrown) ->
                                    runOnCore(
                                            (state, now) -> state.reported(reported, thrown, now)));
            case SubscriptionStep.Reconnect(String why) -> {
                closeStream(why);
                reconnect();
            }
            case SubscriptionStep.CompleteFuture(Runnable completion) -> completion.run();
            case SubscriptionStep.SubscriptionEnded(var failure) -> finish(failure);
        }
    }

    private void closeStream(String why) {
        SubscriptionStream left = call;
        call = null;
        if (left != null) {
            stallReason = why;
            left.cancel(why);
        }
    }

    private void finish(@Nullable MillraceException failure) {
        nodes.removeListener(rerouted);
        closeStream("The subscription has ended");
        stallReason = null;
        callbacks.whenIdle(() -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    private void connect() {
        if (call != null || backingOff || core.isEnded()) {
            return;
        }
        Connection way = nodes.route(Role.FETCH, routingKey);
        if (way == null) {
            stallReason = nodes.unavailableReason(Role.FETCH);
            return;
        }
        nodeAbandoned = false;
        SubscriptionStream opened = new SubscriptionStream(way, this, io::run);
        call = opened;
        opened.open(core.open(io.nanoTime()));
        proceed();
    }

    @Override
    public void received(SubscriptionStream from, SubscribeResponse response) {
        if (from != call) {
            return;
        }
        if (response.hasJoined()) {
            consecutiveFailures = 0;
            stallReason = null;
            nodes.reportSuccess(from.connection(), Role.FETCH);
        }
        if (response.hasCommitted()) {
            metrics.commitAnswered(!response.getCommitted().hasError());
        }
        runOnCore((state, now) -> state.received(response, now));
    }

    @Override
    public void ended(SubscriptionStream which, @Nullable MillraceException failure) {
        if (which != call) {
            return;
        }
        call = null;
        if (failure != null) {
            stallReason = failure.getMessage();
            if (UnaryCalls.isNodeUnavailable(failure) && !nodeAbandoned) {
                nodes.reportFailure(which.connection(), String.valueOf(failure.getMessage()));
            } else if (UnaryCalls.isCausedByNode(failure)) {
                nodes.reportUnserved(which.connection(), Role.FETCH, false);
            }
        }
        reconnect();
        runOnCore((state, now) -> state.streamEnded(failure, now));
    }

    private void reconnect() {
        if (backingOff) {
            return;
        }
        backingOff = true;
        io.schedule(
                backoff.pauseAfter(++consecutiveFailures),
                () -> {
                    backingOff = false;
                    Connection way = nodes.route(Role.FETCH, routingKey);
                    if (way != null) {
                        way.resetBackoff();
                    }
                    connect();
                });
    }

    private void rerouted() {
        SubscriptionStream current = call;
        if (current == null) {
            connect();
        } else if (nodes.isLost(current.connection())) {
            abort(current, "the node is lost");
        }
    }

    private void abort(SubscriptionStream which, String why) {
        if (which == call) {
            nodeAbandoned = true;
            which.cancel(why);
        }
    }

    private void check() {
        if (core.isEnded()) {
            return;
        }
        SubscriptionStream current = call;
        if (current != null
                && core.silence(io.nanoTime()).compareTo(nodes.silenceLimits().suspect()) >= 0) {
            var unused =
                    nodes.probe(current.connection())
                            .thenAccept(isThere -> {
                                if (!isThere || isUnserved(current)) {
                                    current.connection().reconnect();
                                    abort(current, "the node does not respond");
                                }
                            });
        }
        if (call == null && !backingOff) {
            connect();
        }
        io.schedule(nodes.silenceLimits().checkInterval(), this::check);
    }

    private boolean isUnserved(SubscriptionStream current) {
        return current == call
                && core.silence(io.nanoTime()).compareTo(nodes.silenceLimits().unserved()) >= 0
                && nodes.reportUnserved(current.connection(), Role.FETCH, true);
    }

    private void scheduleTick() {
        if (core.isEnded()) {
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
                        runOnCore(SubscriptionCore::tick);
                    }
                });
    }
}

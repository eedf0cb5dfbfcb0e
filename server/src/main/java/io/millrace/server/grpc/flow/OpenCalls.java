package io.millrace.server.grpc.flow;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.limit.FairLimit;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.GrpcErrors;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A registry of open calls with a limit for each peer address. A stop ends the calls with a
 * meaningful status; the transport would report CANCELLED. Any thread.
 */
public final class OpenCalls implements ServerInterceptor {

    private static final Problem SHUTTING_DOWN =
            new Problem(
                    Reason.SHUTTING_DOWN,
                    "The node is shutting down and ended this call: retry at another node, or at"
                            + " this one after its restart.");

    private static final Problem TOO_MANY =
            new Problem(
                    Reason.OVERLOADED,
                    "This address has more open calls at the node than are still free: end other"
                            + " calls, or retry later or at another node.");

    private final EventLoop loop;
    private final FairLimit limit;
    private final Set<RejectableCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /**
     * @param loop the loop on which all handlers respond
     */
    public OpenCalls(EventLoop loop, FairLimit limit) {
        this.loop = loop;
        this.limit = limit;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Object peer = PeerAddress.of(call);
        if (!limit.tryAdd(peer, 1)) {
            GrpcErrors.close(call, TOO_MANY);
            return new ServerCall.Listener<>() {};
        }
        RejectableCall<Q, A> refusable = new RejectableCall<>(call);
        open.add(refusable);
        if (ended) {
            loop.execute(() -> GrpcErrors.close(refusable, SHUTTING_DOWN));
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(refusable, headers)) {
            @Override
            public void onCancel() {
                remove(refusable, peer);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                remove(refusable, peer);
                super.onComplete();
            }
        };
    }

    private void remove(RejectableCall<?, ?> call, Object peer) {
        open.remove(call);
        limit.remove(peer, 1);
    }

    /** Ends all current and future calls with SHUTTING_DOWN. */
    public void endAll() {
        ended = true;
        for (RejectableCall<?, ?> call : open) {
            loop.execute(() -> GrpcErrors.close(call, SHUTTING_DOWN));
        }
    }
}

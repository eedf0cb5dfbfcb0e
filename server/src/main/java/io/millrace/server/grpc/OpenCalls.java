package io.millrace.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.Loop;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All calls that are open, so that a stop can end them in words: the transport would only say that
 * they are cancelled, as if their callers had done it. Any thread.
 */
final class OpenCalls implements ServerInterceptor {

    private static final Problem SHUTTING_DOWN =
            new Problem(
                    Reason.SHUTTING_DOWN,
                    "The node shuts down and ends this call; repeat it at another node, or here when"
                            + " it is back.");

    private final Loop loop;
    private final Set<RefusableCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /**
     * @param loop on which all handlers answer
     */
    OpenCalls(Loop loop) {
        this.loop = loop;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        RefusableCall<Q, A> refusable = new RefusableCall<>(call);
        open.add(refusable);
        if (over) {
            loop.execute(() -> GrpcErrors.close(refusable, SHUTTING_DOWN));
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(refusable, headers)) {
            @Override
            public void onCancel() {
                open.remove(refusable);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                open.remove(refusable);
                super.onComplete();
            }
        };
    }

    /** Ends every call that is open, and every one that still comes, with SHUTTING_DOWN. */
    void end() {
        over = true;
        for (RefusableCall<?, ?> call : open) {
            loop.execute(() -> GrpcErrors.close(call, SHUTTING_DOWN));
        }
    }
}

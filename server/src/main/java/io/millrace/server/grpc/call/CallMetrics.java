package io.millrace.server.grpc.call;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Counts, times and classifies the calls of each gRPC method (docs/metrics.md). Must be the first
 * interceptor, so that calls count that another interceptor rejects. Any thread.
 */
public final class CallMetrics implements ServerInterceptor {

    private final MeterRegistry registry;
    private final Map<String, MethodMetrics> methods = new ConcurrentHashMap<>();

    public CallMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Creates the meters of all methods of a service, so that their series exist from the start.
     */
    public void register(ServerServiceDefinition service) {
        service.getMethods().forEach(method -> of(method.getMethodDescriptor()));
    }

    /** Returns the meters of a method. Calls of unknown methods never arrive here. */
    public MethodMetrics of(MethodDescriptor<?, ?> method) {
        MethodMetrics known = methods.get(method.getFullMethodName());
        return known != null
                ? known
                : methods.computeIfAbsent(
                        method.getFullMethodName(), name -> new MethodMetrics(name, registry));
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        MeteredCall<Q, A> metered = new MeteredCall<>(call, of(call.getMethodDescriptor()));
        return new SimpleForwardingServerCallListener<>(next.startCall(metered, headers)) {
            @Override
            public void onCancel() {
                metered.cancelled();
                super.onCancel();
            }
        };
    }

    /** A call that reports its first response, if the client may send more, and its end. */
    private static final class MeteredCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

        private final MethodMetrics metrics;
        private final long beganNanos;
        private final boolean stream;
        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile boolean timed;

        MeteredCall(ServerCall<Q, A> call, MethodMetrics metrics) {
            super(call);
            this.metrics = metrics;
            this.beganNanos = metrics.nanoTime();
            this.stream = !call.getMethodDescriptor().getType().clientSendsOneMessage();
            this.timed = metrics.countsRequests();
        }

        @Override
        public void sendMessage(A message) {
            if (stream) {
                time();
            }
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!closed.getAndSet(true)) {
                time();
                if (!status.isOk()) {
                    metrics.failed(status);
                }
            }
            super.close(status, trailers);
        }

        void cancelled() {
            if (!closed.getAndSet(true)) {
                time();
                metrics.failed(Status.CANCELLED);
            }
        }

        private void time() {
            if (!timed) {
                timed = true;
                metrics.answered(beganNanos);
            }
        }
    }
}

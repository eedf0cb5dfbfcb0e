package io.millrace.server.grpc.trace;

import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.Tracer;
import io.millrace.server.grpc.call.GrpcService;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A decorator that records a span for each unary call with a sampled {@code traceparent} header,
 * named after the method. A {@code Produce} call has a span of its own instead. A stream has no
 * span, because its header belongs to none of its messages. Any thread.
 *
 * @param nanoTime the clock of the event loop
 */
public record TracedService(GrpcService delegate, Tracer tracer, LongSupplier nanoTime)
        implements GrpcService, ServerInterceptor {

    @Override
    public ServerServiceDefinition bind() {
        return ServerInterceptors.intercept(delegate.bind(), this);
    }

    @Override
    public Audience audience() {
        return delegate.audience();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<TraceContext> caller =
                hasSpan(call.getMethodDescriptor())
                        ? TraceHeader.of(headers).filter(TraceContext::sampled)
                        : Optional.empty();
        return next.startCall(caller.isPresent() ? new TracedCall<>(call, caller) : call, headers);
    }

    private static boolean hasSpan(MethodDescriptor<?, ?> method) {
        return method.getType() == MethodDescriptor.MethodType.UNARY
                && !method.getFullMethodName()
                        .equals(IngestGrpc.getProduceMethod().getFullMethodName());
    }

    private final class TracedCall<Q, A>
            extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {

        private final Optional<TraceContext> caller;
        private final long startNanos = nanoTime.getAsLong();

        TracedCall(ServerCall<Q, A> call, Optional<TraceContext> caller) {
            super(call);
            this.caller = caller;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            MethodDescriptor<Q, A> method = getMethodDescriptor();
            Span span =
                    Span.request(
                                    String.valueOf(method.getBareMethodName()),
                                    startNanos,
                                    nanoTime.getAsLong())
                            .childOf(caller)
                            .with("rpc.system", "grpc")
                            .with("rpc.service", String.valueOf(method.getServiceName()))
                            .with("rpc.method", String.valueOf(method.getBareMethodName()));
            tracer.record(
                    status.isOk() ? span : span.failed(String.valueOf(status.getDescription())));
            super.close(status, trailers);
        }
    }
}

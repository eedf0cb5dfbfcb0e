package io.millrace.server.grpc.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A unary call, answered when a future completes. Cancels the future if the caller cancels the
 * call. Owned by the loop.
 */
public final class UnaryCall<Q, A> extends LoopCall<Q, A> {

    private final BiFunction<ServerCall<?, ?>, Q, CompletableFuture<A>> method;
    private @Nullable CompletableFuture<A> answer;

    private UnaryCall(
            ServerCall<DecodedRequest<Q>, A> call,
            EventLoop loop,
            BiFunction<ServerCall<?, ?>, Q, CompletableFuture<A>> method) {
        super(call, loop);
        this.method = method;
    }

    /** The method runs on the loop; its future completes on the loop, or fails on any thread. */
    public static <Q, A> ServerCallHandler<DecodedRequest<Q>, A> handler(
            EventLoop loop, Function<Q, CompletableFuture<A>> method) {
        return handler(loop, (call, request) -> method.apply(request));
    }

    /** As the handler of a function of the request, with the call as first argument. */
    public static <Q, A> ServerCallHandler<DecodedRequest<Q>, A> handler(
            EventLoop loop, BiFunction<ServerCall<?, ?>, Q, CompletableFuture<A>> method) {
        return (call, headers) -> {
            call.request(2);
            return new UnaryCall<>(call, loop, method);
        };
    }

    @Override
    protected void receive(Q message) {
        if (answer != null) {
            return;
        }
        CompletableFuture<A> future = onResult(message);
        answer = future;
        future.whenComplete((value, failure) -> run(() -> end(value, failure)));
    }

    @Override
    protected void closed() {
        if (answer != null) {
            answer.cancel(false);
        }
    }

    private CompletableFuture<A> onResult(Q message) {
        try {
            return method.apply(call, message);
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private void end(@Nullable A value, @Nullable Throwable failure) {
        if (hasEnded()) {
            return;
        }
        if (value == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
            String method = call.getMethodDescriptor().getFullMethodName();
            fail(GrpcErrors.problemOf(cause, method));
            return;
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(value);
        succeed();
    }
}

package io.millrace.server.grpc.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A unary call, answered when a future completes. Cancels the future if the caller cancels the
 * call. Owned by the loop.
 */
public final class UnaryCall<Q, A> extends ServerCall.Listener<DecodedRequest<Q>> {

    private final ServerCall<DecodedRequest<Q>, A> call;
    private final EventLoop loop;
    private final Function<Q, CompletableFuture<A>> method;
    private @Nullable CompletableFuture<A> answer;
    private boolean ended;

    private UnaryCall(
            ServerCall<DecodedRequest<Q>, A> call,
            EventLoop loop,
            Function<Q, CompletableFuture<A>> method) {
        this.call = call;
        this.loop = loop;
        this.method = method;
    }

    /** The method runs on the loop; its future completes on the loop, or fails on any thread. */
    public static <Q, A> ServerCallHandler<DecodedRequest<Q>, A> handler(
            EventLoop loop, Function<Q, CompletableFuture<A>> method) {
        return (call, headers) -> {
            call.request(2);
            return new UnaryCall<>(call, loop, method);
        };
    }

    @Override
    public void onMessage(DecodedRequest<Q> request) {
        loop.runNowOrLater(() -> start(request));
    }

    @Override
    public void onHalfClose() {
        loop.runNowOrLater(() -> {
            if (answer == null && !ended) {
                ended = true;
                GrpcErrors.close(call, GrpcErrors.malformed("request", "the message is missing."));
            }
        });
    }

    @Override
    public void onCancel() {
        loop.runNowOrLater(() -> {
            ended = true;
            if (answer != null) {
                answer.cancel(false);
            }
        });
    }

    private void start(DecodedRequest<Q> request) {
        if (ended || answer != null) {
            return;
        }
        switch (request) {
            case DecodedRequest.Malformed<Q>(var problem) -> {
                ended = true;
                GrpcErrors.close(call, problem);
            }
            case DecodedRequest.Message<Q>(var message) -> {
                CompletableFuture<A> future = onResult(message);
                answer = future;
                future.whenComplete(
                        (value, failure) -> loop.runNowOrLater(() -> end(value, failure)));
            }
        }
    }

    private CompletableFuture<A> onResult(Q message) {
        try {
            return method.apply(message);
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private void end(@Nullable A value, @Nullable Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        if (value == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
            String method = call.getMethodDescriptor().getFullMethodName();
            GrpcErrors.close(call, GrpcErrors.problemOf(cause, method));
            return;
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(value);
        call.close(Status.OK, new Metadata());
    }
}

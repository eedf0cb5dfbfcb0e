package io.millrace.client.connection;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes unary calls that fail with {@link MillraceException}s. After a timeout, later calls use a
 * new connection, because the old connection may be dead.
 */
public final class UnaryCalls {

    /** The timeout of requests that the server answers from memory. */
    public static final Duration SHORT_TIMEOUT = Duration.ofSeconds(10);

    private UnaryCalls() {}

    private interface FailureMapper {
        MillraceException failure(Status status, Metadata trailers);
    }

    /**
     * Sends a read-only request. Completes on the I/O thread. Cancelling the future cancels the
     * call.
     */
    public static <Q, A> CompletableFuture<A> query(
            Connection connection, MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        return call(
                connection,
                method,
                CallOptions.DEFAULT,
                request,
                timeout,
                (status, trailers) -> CallFailures.ofCall(connection.address(), status, trailers));
    }

    /**
     * Sends a change, which may be applied even if the response is lost. Completes on the I/O
     * thread.
     *
     * @param what a description of the change, such as "create topic t"
     */
    public static <Q, A> CompletableFuture<A> change(
            Connection connection,
            MethodDescriptor<Q, A> method,
            Q request,
            Duration timeout,
            String what) {
        RequestSentTracer mark = new RequestSentTracer();
        return call(
                connection,
                method,
                CallOptions.DEFAULT.withStreamTracerFactory(mark),
                request,
                timeout,
                (status, trailers) ->
                        CallFailures.ofChange(
                                connection.address(), status, trailers, what, mark.sent()));
    }

    private static <Q, A> CompletableFuture<A> call(
            Connection connection,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            Q request,
            Duration timeout,
            FailureMapper failing) {
        CompletableFuture<A> result = new CompletableFuture<>();
        ClientCall<Q, A> call =
                connection
                        .channel()
                        .newCall(
                                method,
                                options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
        call.start(
                new ClientCall.Listener<A>() {
                    private @Nullable A answer;

                    @Override
                    public void onMessage(A message) {
                        answer = message;
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        A received = answer;
                        if (status.isOk() && received != null) {
                            result.complete(received);
                        } else {
                            if (status.getCode() == Status.Code.DEADLINE_EXCEEDED
                                    || CallFailures.isExpired(status, trailers)) {
                                connection.reconnect();
                            }
                            result.completeExceptionally(failing.failure(status, trailers));
                        }
                    }
                },
                new Metadata());
        result.whenComplete((answer, failure) -> {
            if (result.isCancelled()) {
                call.cancel("The call was cancelled by the client", null);
            }
        });
        call.sendMessage(request);
        call.halfClose();
        call.request(2);
        return result;
    }

    /** Returns whether a call failed because the node is unavailable or shutting down. */
    public static boolean isNodeUnavailable(Throwable thrown) {
        return switch (failureOf(thrown)) {
            case MillraceException.Unreachable away -> true;
            case MillraceException.Rejected rejected ->
                    rejected.problem().reason() == Reason.SHUTTING_DOWN;
            default -> false;
        };
    }

    /**
     * Returns whether a problem is due to the node's dependencies, so that a different node may
     * succeed.
     */
    public static boolean isNodeProblem(Problem problem) {
        return switch (problem.reason()) {
            case METADATA_UNAVAILABLE,
                    STORAGE_UNAVAILABLE,
                    STORAGE_FULL,
                    OUTCOME_UNKNOWN,
                    CREDENTIALS_UNVERIFIABLE ->
                    true;
            default -> false;
        };
    }

    public static boolean isCausedByNode(Throwable thrown) {
        return failureOf(thrown) instanceof MillraceException.Rejected rejected
                && isNodeProblem(rejected.problem());
    }

    /** Waits for a future. Throws its failure with the caller's stack trace. */
    public static <T> T await(CompletableFuture<T> future, Duration timeout, String what) {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new MillraceException.TimedOut(
                    what + " took longer than " + timeout.toMillis() + " ms.");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MillraceException.Closed(what + " was interrupted.");
        } catch (ExecutionException failed) {
            throw failureOf(failed);
        }
    }

    /** Returns a copy of a future's unwrapped failure. */
    public static MillraceException failureOf(Throwable thrown) {
        Throwable cause = FutureFailures.unwrap(thrown);
        if (cause instanceof MillraceException failure) {
            return failure.copy();
        }
        throw new IllegalStateException("A bug of the client", cause);
    }
}

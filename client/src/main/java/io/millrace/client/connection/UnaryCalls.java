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
 * Single calls as futures, whose failures are {@link MillraceException}s. A call that is not
 * answered in time makes the next ones use a new connection, since the old one may lead nowhere.
 */
public final class UnaryCalls {

    /** For what the server answers from memory. */
    public static final Duration SHORT = Duration.ofSeconds(10);

    private UnaryCalls() {}

    /** What the failure of a call is. */
    private interface Failing {
        MillraceException failure(Status status, Metadata trailers);
    }

    /**
     * Asks for something, and changes nothing. Completes on the I/O thread. To cancel the future
     * cancels the call.
     */
    public static <Q, A> CompletableFuture<A> unary(
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
     * Changes something, which may have happened if the answer is lost. Completes on the I/O
     * thread.
     *
     * @param what the change, as in "create topic t"
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
            Failing failing) {
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
                            if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
                                connection.reconnect();
                            }
                            result.completeExceptionally(failing.failure(status, trailers));
                        }
                    }
                },
                new Metadata());
        result.whenComplete((answer, failure) -> {
            if (result.isCancelled()) {
                call.cancel("Not wanted any more", null);
            }
        });
        call.sendMessage(request);
        call.halfClose();
        call.request(2);
        return result;
    }

    /** Whether a call failed because its node is away or leaves, so that another may answer it. */
    public static boolean isGone(Throwable thrown) {
        return switch (failureOf(thrown)) {
            case MillraceException.Unreachable away -> true;
            case MillraceException.Rejected rejected ->
                    rejected.problem().reason() == Reason.SHUTTING_DOWN;
            default -> false;
        };
    }

    /** Whether a problem is one of the node with what it works with, so that another may do. */
    public static boolean isOfTheNode(Problem problem) {
        return switch (problem.reason()) {
            case METADATA_UNAVAILABLE, STORAGE_UNAVAILABLE, STORAGE_FULL, OUTCOME_UNKNOWN -> true;
            default -> false;
        };
    }

    /** Whether a call was answered with such a problem. */
    public static boolean isUnserved(Throwable thrown) {
        return failureOf(thrown) instanceof MillraceException.Rejected rejected
                && isOfTheNode(rejected.problem());
    }

    /** Waits for a future, and throws its failure as the caller's own. */
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

    /** The failure itself, without what futures wrap around it. */
    public static MillraceException failureOf(Throwable thrown) {
        Throwable cause = FutureFailures.of(thrown);
        if (cause instanceof MillraceException failure) {
            return failure.again();
        }
        throw new IllegalStateException("A fault of the client", cause);
    }
}

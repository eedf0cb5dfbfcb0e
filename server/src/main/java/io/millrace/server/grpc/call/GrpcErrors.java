package io.millrace.server.grpc.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.log.LogFields;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jboss.logging.Logger;

/** Maps problems to gRPC statuses, and exceptions to problems. */
public final class GrpcErrors {

    private static final Logger LOG = Logger.getLogger(GrpcErrors.class);

    private GrpcErrors() {}

    /**
     * Ends the call with the problem as a {@code google.rpc.Status}. The cause of the status is not
     * sent; {@link CallMetrics} reads the reason from it.
     */
    public static void close(ServerCall<?, ?> call, Problem problem) {
        StatusRuntimeException failure = StatusProto.toStatusRuntimeException(problem.toStatus());
        Metadata trailers = failure.getTrailers();
        call.close(
                failure.getStatus().withCause(new ProblemException(problem)),
                trailers == null ? new Metadata() : trailers);
    }

    /** Returns the problem to report to the caller, and logs unexpected failures. */
    public static Problem problemOf(Throwable failure, String method) {
        return switch (failure) {
            case ProblemException known -> known.problem();
            case CompletionException wrapped when wrapped.getCause() != null ->
                    problemOf(wrapped.getCause(), method);
            case ExecutionException wrapped when wrapped.getCause() != null ->
                    problemOf(wrapped.getCause(), method);
            default -> {
                LogFields.method(method).log(() -> LOG.errorf(failure, "%s failed", method));
                yield new Problem(
                        Reason.INTERNAL_ERROR,
                        method
                                + " failed because of an internal error of Millrace: please report the error from"
                                + " the server's log.");
            }
        };
    }

    public static Problem malformed(String what, String why) {
        return new Problem(
                Reason.MALFORMED_REQUEST,
                "Malformed " + what + ": " + why + " See the .proto files for the legal form.");
    }

    public static Problem tooLarge(int limitBytes) {
        return new Problem(
                Reason.TOO_LARGE,
                "The request is larger than "
                        + limitBytes
                        + " bytes, the maximum size of a request: split the request.");
    }
}

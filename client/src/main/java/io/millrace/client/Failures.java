package io.millrace.client;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps what gRPC and the server answer to {@link MillraceException}. */
final class Failures {

    private Failures() {}

    /** The problem that ended a call, if the server named one. */
    static Optional<Problem> problemOf(Status status, @Nullable Metadata trailers) {
        com.google.rpc.Status detailed = StatusProto.fromStatusAndTrailers(status, trailers);
        return detailed == null ? Optional.empty() : Problem.fromStatus(detailed);
    }

    /** Why a call ended. */
    static MillraceException ofCall(String address, Status status, @Nullable Metadata trailers) {
        Optional<Problem> problem = problemOf(status, trailers);
        if (problem.isPresent()) {
            return ofProblem(problem.get());
        }
        String description = status.getDescription();
        String said = description == null ? status.getCode().name() : description;
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                    new MillraceException.Unreachable(
                            unreachable(address, status), status.getCause());
            case DEADLINE_EXCEEDED ->
                    new MillraceException.OutcomeUnknown(
                            "The server at " + address + " did not answer in time.");
            case CANCELLED, ABORTED ->
                    new MillraceException.OutcomeUnknown(
                            "The server at " + address + " broke the call off: " + said);
            case UNIMPLEMENTED ->
                    refused(
                            Reason.MALFORMED_REQUEST,
                            "The server at " + address + " does not know this call: " + said);
            case INVALID_ARGUMENT, RESOURCE_EXHAUSTED ->
                    refused(
                            Reason.MALFORMED_REQUEST,
                            "The server at " + address + " refused the call: " + said);
            default ->
                    refused(
                            Reason.INTERNAL_ERROR,
                            "The call to "
                                    + address
                                    + " failed: "
                                    + status.getCode()
                                    + ", "
                                    + said);
        };
    }

    static String unreachable(String address, Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "Cannot reach a Millrace server at " + address + ": the host is not known.";
            }
            if (cause instanceof ConnectException) {
                return "Cannot reach a Millrace server at "
                        + address
                        + ": the connection was refused. Is it running?";
            }
        }
        String description = status.getDescription();
        return "Cannot reach a Millrace server at "
                + address
                + (description == null ? "." : ": " + description + ".");
    }

    static MillraceException ofProblem(Problem problem) {
        return problem.reason() == Reason.OUTCOME_UNKNOWN
                ? new MillraceException.OutcomeUnknown(problem.message())
                : new MillraceException.Refused(problem);
    }

    /** The problem in a part of an answer; one of a newer server keeps its sentence. */
    static Problem problemOf(com.google.rpc.Status status) {
        return Problem.fromStatus(status)
                .orElseGet(() ->
                        new Problem(
                                status.getCode() == Code.UNAVAILABLE_VALUE
                                        ? Reason.STORAGE_UNAVAILABLE
                                        : Reason.INTERNAL_ERROR,
                                status.getMessage()));
    }

    private static MillraceException refused(Reason reason, String message) {
        return new MillraceException.Refused(new Problem(reason, message));
    }
}

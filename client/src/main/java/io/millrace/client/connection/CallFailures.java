package io.millrace.client.connection;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.tls.TlsFailures;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps gRPC statuses and server responses to {@link MillraceException}s. */
public final class CallFailures {

    private CallFailures() {}

    public static Optional<Problem> problemOf(Status status, @Nullable Metadata trailers) {
        com.google.rpc.Status detailed = StatusProto.fromStatusAndTrailers(status, trailers);
        return detailed == null ? Optional.empty() : Problem.fromStatus(detailed);
    }

    /**
     * Returns whether the credentials of the call have expired. A certificate is replaced only on a
     * new connection.
     */
    public static boolean isExpired(Status status, @Nullable Metadata trailers) {
        return status.getCode() == Status.Code.UNAUTHENTICATED
                && problemOf(status, trailers)
                        .filter(problem -> problem.reason() == Reason.CREDENTIALS_EXPIRED)
                        .isPresent();
    }

    /** Returns the failure of a read-only call. */
    public static MillraceException ofCall(
            String address, Status status, @Nullable Metadata trailers) {
        Optional<Problem> problem = problemOf(status, trailers);
        if (problem.isPresent()) {
            return new MillraceException.Rejected(problem.get());
        }
        Optional<String> tls = TlsFailures.sentence(address, status);
        if (tls.isPresent()) {
            return new MillraceException.Unreachable(tls.get(), status.getCause());
        }
        String description = status.getDescription();
        String said = description == null ? status.getCode().name() : description;
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                    new MillraceException.Unreachable(
                            unreachable(address, status), status.getCause());
            case DEADLINE_EXCEEDED ->
                    new MillraceException.Unreachable(
                            "The server at " + address + " did not respond in time.",
                            status.getCause());
            case CANCELLED, ABORTED ->
                    new MillraceException.Unreachable(
                            "The server at " + address + " aborted the call: " + said,
                            status.getCause());
            case UNIMPLEMENTED ->
                    rejected(
                            Reason.MALFORMED_REQUEST,
                            "The server at " + address + " does not support this call: " + said);
            case UNAUTHENTICATED ->
                    rejected(
                            Reason.UNAUTHENTICATED,
                            "The call to " + address + " was not authenticated: " + said);
            case PERMISSION_DENIED ->
                    rejected(
                            Reason.NOT_AUTHORIZED,
                            "The call to " + address + " is not permitted: " + said);
            case INVALID_ARGUMENT, RESOURCE_EXHAUSTED ->
                    rejected(
                            Reason.MALFORMED_REQUEST,
                            "The server at " + address + " rejected the call: " + said);
            default ->
                    rejected(
                            Reason.INTERNAL_ERROR,
                            "The call to "
                                    + address
                                    + " failed: "
                                    + status.getCode()
                                    + ", "
                                    + said);
        };
    }

    /**
     * Returns the failure of a change.
     *
     * @param sent true if the server may have received the request
     */
    static MillraceException ofChange(
            String address,
            Status status,
            @Nullable Metadata trailers,
            String change,
            boolean sent) {
        Optional<Problem> problem = problemOf(status, trailers);
        if (problem.isPresent()) {
            return ofChange(problem.get());
        }
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED, UNKNOWN, INTERNAL ->
                    sent
                            ? new MillraceException.OutcomeUnknown(
                                    ("The server at %s was asked to %s, but %s. The change may be applied: check"
                                                    + " whether it is, and repeat the request if it is not.")
                                            .formatted(address, change, noAnswer(status)),
                                    true)
                            : new MillraceException.Unreachable(
                                    unreachable(address, status), status.getCause());
            default -> ofCall(address, status, trailers);
        };
    }

    private static String noAnswer(Status status) {
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED
                ? "the server did not respond in time"
                : "the connection broke before the response";
    }

    public static String unreachable(String address, Status status) {
        Optional<String> tls = TlsFailures.sentence(address, status);
        if (tls.isPresent()) {
            return tls.get();
        }
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "Cannot reach a Millrace server at " + address + ": the host is unknown.";
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

    /** Returns the failure of a change that is safe to repeat. */
    public static MillraceException ofChange(Problem problem) {
        return problem.reason() == Reason.OUTCOME_UNKNOWN
                ? new MillraceException.OutcomeUnknown(problem.message(), true)
                : ofProblem(problem);
    }

    public static MillraceException ofPartition(
            TopicPartition partition, long offset, Problem problem) {
        return problem.reason() == Reason.OFFSET_OUT_OF_RANGE
                ? new MillraceException.OffsetOutOfRange(
                        partition,
                        offset,
                        number(problem, "log_start_offset"),
                        number(problem, "high_watermark"))
                : ofProblem(problem);
    }

    static long number(Problem problem, String name) {
        try {
            return Long.parseLong(problem.details().getOrDefault(name, "-1"));
        } catch (NumberFormatException noNumber) {
            return -1;
        }
    }

    public static MillraceException ofProblem(Problem problem) {
        return problem.reason() == Reason.OUTCOME_UNKNOWN
                ? new MillraceException.OutcomeUnknown(problem.message())
                : new MillraceException.Rejected(problem);
    }

    /** Returns the problem in a part of a response. An unknown reason keeps its message. */
    public static Problem problemOf(com.google.rpc.Status status) {
        return Problem.fromStatus(status)
                .orElseGet(() ->
                        new Problem(
                                status.getCode() == Code.UNAVAILABLE_VALUE
                                        ? Reason.STORAGE_UNAVAILABLE
                                        : Reason.INTERNAL_ERROR,
                                status.getMessage()));
    }

    private static MillraceException rejected(Reason reason, String message) {
        return new MillraceException.Rejected(new Problem(reason, message));
    }
}

package io.millrace.kafka.group;

import io.millrace.group.classic.ClassicError;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;

/** The error codes of group requests. */
final class GroupErrors {

    private GroupErrors() {}

    static Errors of(ClassicError error) {
        return switch (error) {
            case MEMBER_ID_REQUIRED -> Errors.MEMBER_ID_REQUIRED;
            case UNKNOWN_MEMBER -> Errors.UNKNOWN_MEMBER_ID;
            case FENCED_INSTANCE -> Errors.FENCED_INSTANCE_ID;
            case ILLEGAL_GENERATION -> Errors.ILLEGAL_GENERATION;
            case REBALANCE_IN_PROGRESS -> Errors.REBALANCE_IN_PROGRESS;
            case INCONSISTENT_PROTOCOL -> Errors.INCONSISTENT_GROUP_PROTOCOL;
            case INVALID_SESSION_TIMEOUT -> Errors.INVALID_SESSION_TIMEOUT;
            case INVALID_GROUP_ID -> Errors.INVALID_GROUP_ID;
            case GROUP_FULL -> Errors.GROUP_MAX_SIZE_REACHED;
            case TOO_LARGE -> Errors.INVALID_REQUEST;
            case NOT_COORDINATOR -> Errors.NOT_COORDINATOR;
            case UNAVAILABLE -> Errors.COORDINATOR_NOT_AVAILABLE;
        };
    }

    /** Returns the code; clients retry group requests only after certain codes. */
    static Errors of(Reason reason) {
        return switch (reason) {
            case METADATA_UNAVAILABLE, STORAGE_UNAVAILABLE, STORAGE_FULL, OVERLOADED ->
                    Errors.COORDINATOR_NOT_AVAILABLE;
            case SHUTTING_DOWN -> Errors.NOT_COORDINATOR;
            default -> KafkaErrors.of(reason);
        };
    }

    /** Returns the code of an expected failure; rethrows others. */
    static Errors of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ProblemException known) {
            return of(known.problem().reason());
        }
        throw new CompletionException(cause);
    }
}

package io.millrace.kafka.connection;

import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/**
 * A failed part of an administrative request.
 *
 * @param message for the user
 */
public record ApiFailure(Errors error, String message) {

    private static final Logger LOG = Logger.getLogger(ApiFailure.class);

    private static final ApiFailure BUG =
            new ApiFailure(
                    Errors.UNKNOWN_SERVER_ERROR,
                    "The node failed. This is a bug: report the stack in the log of the node.");

    /** Returns the failure of a future, and counts it. */
    public static ApiFailure of(RequestContext context, Throwable thrown) {
        Throwable cause = FutureFailures.unwrap(thrown);
        ApiFailure failure = BUG;
        if (cause instanceof ProblemException known) {
            failure =
                    new ApiFailure(
                            KafkaErrors.of(known.problem().reason()), known.problem().message());
        } else {
            LOG.error("An administrative request of a Kafka client failed, which is a bug.", cause);
        }
        return failure.counted(context);
    }

    /** Counts this failure in the metrics. */
    public ApiFailure counted(RequestContext context) {
        context.failed(error);
        return this;
    }

    public static ApiFailure invalid(String message) {
        return new ApiFailure(Errors.INVALID_REQUEST, message);
    }

    public static ApiFailure denied(Errors error) {
        return new ApiFailure(error, "The principal may not execute this operation.");
    }
}

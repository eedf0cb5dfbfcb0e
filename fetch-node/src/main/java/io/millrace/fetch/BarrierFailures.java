package io.millrace.fetch;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import org.jspecify.annotations.Nullable;

/** Maps the failure of a metadata barrier to a problem. */
final class BarrierFailures {

    private BarrierFailures() {}

    /** Returns null if the barrier was reached. */
    static @Nullable Problem problem(@Nullable Throwable failure) {
        @Nullable Throwable cause = failure == null ? null : FutureFailures.unwrap(failure);
        return switch (cause) {
            case null -> null;
            case ProblemException e -> e.problem();
            default ->
                    new Problem(
                            Reason.METADATA_UNAVAILABLE,
                            "The metadata log cannot be reached: %s. Try again."
                                    .formatted(cause.getMessage()));
        };
    }
}

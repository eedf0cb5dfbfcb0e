package io.millrace.fetch;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import org.jspecify.annotations.Nullable;

/** What it means that a barrier was not reached. */
final class BarrierFailures {

    private BarrierFailures() {}

    /** What to tell instead of a negative answer; null if the barrier was reached. */
    static @Nullable Problem problem(@Nullable Throwable failure) {
        @Nullable Throwable cause = failure == null ? null : FutureFailures.of(failure);
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

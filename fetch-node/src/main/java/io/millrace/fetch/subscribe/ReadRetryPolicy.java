package io.millrace.fetch.subscribe;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Classifies failed reads and sets the pause before a retry. */
final class ReadRetryPolicy {

    private static final Logger LOG = Logger.getLogger(ReadRetryPolicy.class);
    private static final Backoff PAUSES =
            Backoff.exact(Duration.ofMillis(100), Duration.ofMillis(3200));

    private ReadRetryPolicy() {}

    /**
     * Returns a pause of 100 ms to 3.2 s.
     *
     * @param failures the number of earlier consecutive failures
     */
    static Duration pauseAfter(int failures) {
        return PAUSES.pauseAfter(failures + 1);
    }

    static Problem of(@Nullable Throwable failure) {
        @Nullable Throwable cause = failure == null ? null : FutureFailures.unwrap(failure);
        if (cause instanceof ProblemException known) {
            return known.problem();
        }
        LOG.errorf(cause, "A read for a subscription failed");
        return new Problem(
                Reason.INTERNAL_ERROR, "The read failed inside the node; see the node's log.");
    }
}

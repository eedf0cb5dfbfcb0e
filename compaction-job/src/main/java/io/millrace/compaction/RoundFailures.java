package io.millrace.compaction;

import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStoreException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Counts failed rounds of a periodic job and logs the first of consecutive failures. One owner. */
public final class RoundFailures {

    private final Logger log;
    private final String effect;
    private final Runnable count;
    private boolean failing;

    /**
     * @param sentence effect of a failure, for an operator; the cause's message is appended
     */
    public RoundFailures(Logger log, String sentence, Runnable count) {
        this.log = log;
        this.effect = sentence;
        this.count = count;
    }

    /** Ends a round; the failure is null after success. */
    public void roundEnded(@Nullable Throwable failure) {
        if (failure != null) {
            count.run();
            if (!failing) {
                report(FutureFailures.unwrap(failure));
            }
        }
        failing = failure != null;
    }

    private void report(Throwable cause) {
        switch (cause) {
            case ObjectStoreException away -> log.warnf("%s: %s", effect, away.getMessage());
            case ProblemException away -> log.warnf("%s: %s", effect, away.getMessage());
            default ->
                    log.errorf(
                            cause,
                            "%s. This is an internal error of Millrace: please report it",
                            effect);
        }
    }
}

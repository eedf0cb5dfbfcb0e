package io.millrace.compaction;

import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStoreException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the rounds of a job that end early: counts each, and logs the first of several that
 * follow each other, with its trace if nobody foresaw it. One owner.
 */
public final class RoundFailures {

    private final Logger log;
    private final String sentence;
    private final Runnable count;
    private boolean failing;

    /**
     * @param log of the job
     * @param sentence what that means to a person; the cause's own follows
     * @param count is run for each
     */
    public RoundFailures(Logger log, String sentence, Runnable count) {
        this.log = log;
        this.sentence = sentence;
        this.count = count;
    }

    /**
     * A round has ended.
     *
     * @param failure why it ended early; null if it did not
     */
    public void roundEnds(@Nullable Throwable failure) {
        if (failure != null) {
            count.run();
            if (!failing) {
                report(FutureFailures.of(failure));
            }
        }
        failing = failure != null;
    }

    private void report(Throwable cause) {
        switch (cause) {
            case ObjectStoreException away -> log.warnf("%s: %s", sentence, away.getMessage());
            case ProblemException away -> log.warnf("%s: %s", sentence, away.getMessage());
            default -> log.errorf(cause, "%s, for a fault of Millrace itself", sentence);
        }
    }
}

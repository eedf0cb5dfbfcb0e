package io.millrace.runtime;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Unwraps the failures of futures. Any thread. */
public final class FutureFailures {

    private FutureFailures() {}

    /** Returns the failure without the exceptions that the stages of a future add. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException || cause instanceof ExecutionException) {
            Throwable wrapped = cause.getCause();
            if (wrapped == null) {
                return cause;
            }
            cause = wrapped;
        }
        return cause;
    }
}

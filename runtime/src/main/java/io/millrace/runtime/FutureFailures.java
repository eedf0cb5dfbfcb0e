package io.millrace.runtime;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What a future failed with, out of what its stages wrapped around it. Any thread. */
public final class FutureFailures {

    private FutureFailures() {}

    /** The failure itself; what wraps it says nothing that it does not. */
    public static Throwable of(Throwable failure) {
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

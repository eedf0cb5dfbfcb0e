package io.millrace.client.subscription;

/** When a subscription commits how far its group has got. */
public enum CommitMode {
    /**
     * By itself, now and then, what handlers have finished: each record is handled at least once,
     * and again if the process dies before it is committed.
     */
    AFTER_HANDLING,
    /**
     * By itself, before it is handed over: each record is handled at most once, and not at all if
     * the process dies in between.
     */
    BEFORE_HANDLING,
    /** Only by {@link Subscription#commit}. */
    MANUAL
}

package io.millrace.client.subscription;

/** Time at which a subscription commits the group's offsets. */
public enum CommitMode {
    /**
     * Automatically at an interval, after handling: each record is handled at least once, and again
     * if the process dies before the commit.
     */
    AFTER_HANDLING,
    /**
     * Automatically before handling: each record is handled at most once, and not at all if the
     * process dies in between.
     */
    BEFORE_HANDLING,
    /** Only by {@link Subscription#commit}. */
    MANUAL
}

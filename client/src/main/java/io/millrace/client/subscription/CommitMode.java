package io.millrace.client.subscription;

/** The time at which a subscription commits offsets. */
public enum CommitMode {
    /** Automatically at an interval, after handling: each record is handled at least once. */
    AFTER_HANDLING,
    /** Automatically before handling: each record is handled at most once. */
    BEFORE_HANDLING,
    /** Only by {@link Subscription#commit}. */
    MANUAL
}

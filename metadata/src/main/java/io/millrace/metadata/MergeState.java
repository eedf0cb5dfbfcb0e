package io.millrace.metadata;

/** An object's state with regard to merges: whether its content will be moved to another object. */
public enum MergeState {
    /** No further merge takes the object. */
    SETTLED,
    /** A later merge takes the object, unless merges have skipped it. */
    PENDING,
    /** The next merge or rewrite moves the content. */
    MOVING
}

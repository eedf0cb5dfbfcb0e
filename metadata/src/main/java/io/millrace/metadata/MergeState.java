package io.millrace.metadata;

/** An object's state with regard to merges. */
public enum MergeState {
    /** No further merge takes the object. */
    SETTLED,
    /** A later merge takes the object, unless merges have skipped the object. */
    PENDING,
    /** The next merge or rewrite moves the content. */
    MOVING
}

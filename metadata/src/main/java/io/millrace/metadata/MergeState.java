package io.millrace.metadata;

/** Whether what lies in an object will come to lie in another one. */
public enum MergeState {
    /** No merge takes it any more. */
    SETTLED,
    /** A merge takes it in its turn, unless they passed it over. */
    WAITING,
    /** It is to be moved next. */
    LEAVING
}

package io.millrace.group.classic;

/** The states of a classic group. */
public enum ClassicState {
    /** No members; committed offsets may exist. */
    EMPTY,
    /** Members are joining. */
    PREPARING_REBALANCE,
    /** All members have joined, and the leader's assignment is not in the log yet. */
    COMPLETING_REBALANCE,
    /** All members have assignments. */
    STABLE,
    /** The group does not exist, or this node coordinates it no longer. */
    DEAD
}

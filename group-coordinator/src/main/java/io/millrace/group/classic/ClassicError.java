package io.millrace.group.classic;

/** The reasons for which requests of classic members are refused. */
public enum ClassicError {
    /** The member must join again with the id in the answer. */
    MEMBER_ID_REQUIRED,
    UNKNOWN_MEMBER,
    /** Another member has the instance id. */
    FENCED_INSTANCE,
    ILLEGAL_GENERATION,
    /** The member must join the rebalance. */
    REBALANCE_IN_PROGRESS,
    /** The members have no assignment protocol in common, or are of another kind. */
    INCONSISTENT_PROTOCOL,
    INVALID_SESSION_TIMEOUT,
    INVALID_GROUP_ID,
    GROUP_FULL,
    /** The metadata or the assignment of a member exceed the limit of the log. */
    TOO_LARGE,
    /** The client must look up the coordinator again. */
    NOT_COORDINATOR,
    /** The metadata log cannot be reached; the request can be retried. */
    UNAVAILABLE
}

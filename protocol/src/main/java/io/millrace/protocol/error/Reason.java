package io.millrace.protocol.error;

import com.google.rpc.Code;

/** The reason of an error, with the names of the enum in {@code error.proto}. */
public enum Reason {
    UNKNOWN_TOPIC(Code.NOT_FOUND, false),
    UNKNOWN_PARTITION(Code.NOT_FOUND, false),
    TOPIC_EXISTS(Code.ALREADY_EXISTS, false),
    INVALID_TOPIC_NAME(Code.INVALID_ARGUMENT, false),
    INVALID_PARTITION_COUNT(Code.INVALID_ARGUMENT, false),
    INVALID_CONFIG(Code.INVALID_ARGUMENT, false),
    METADATA_FULL(Code.RESOURCE_EXHAUSTED, false),

    MALFORMED_REQUEST(Code.INVALID_ARGUMENT, false),
    MALFORMED_BATCH(Code.INVALID_ARGUMENT, false),
    UNSUPPORTED_BATCH(Code.INVALID_ARGUMENT, false),
    CHECKSUM_MISMATCH(Code.INVALID_ARGUMENT, true),
    CONTROL_BATCH(Code.INVALID_ARGUMENT, false),
    RECORD_COUNT_MISMATCH(Code.INVALID_ARGUMENT, false),
    INVALID_SEQUENCE(Code.INVALID_ARGUMENT, false),
    TOO_LARGE(Code.INVALID_ARGUMENT, false),
    NULL_KEY(Code.INVALID_ARGUMENT, false),
    TIMESTAMP_TOO_FAR_AHEAD(Code.INVALID_ARGUMENT, false),

    OUT_OF_ORDER_SEQUENCE(Code.FAILED_PRECONDITION, false),
    PRODUCER_FENCED(Code.FAILED_PRECONDITION, false),
    UNKNOWN_PRODUCER(Code.FAILED_PRECONDITION, false),

    UNKNOWN_GROUP(Code.NOT_FOUND, false),
    INVALID_GROUP(Code.INVALID_ARGUMENT, false),
    GROUP_NOT_EMPTY(Code.FAILED_PRECONDITION, false),
    GROUP_LIMIT_REACHED(Code.RESOURCE_EXHAUSTED, false),
    UNKNOWN_MEMBER(Code.FAILED_PRECONDITION, false),
    STALE_GENERATION(Code.FAILED_PRECONDITION, false),
    PARTITION_NOT_LEASED(Code.FAILED_PRECONDITION, false),
    INSTANCE_REPLACED(Code.FAILED_PRECONDITION, false),
    NOT_COORDINATOR(Code.UNAVAILABLE, true),
    NO_COMMITTED_OFFSET(Code.FAILED_PRECONDITION, false),

    FEATURE_LEVEL_TOO_LOW(Code.FAILED_PRECONDITION, false),

    OFFSET_OUT_OF_RANGE(Code.OUT_OF_RANGE, false),
    CORRUPT_DATA(Code.DATA_LOSS, false),

    STORAGE_UNAVAILABLE(Code.UNAVAILABLE, true),
    STORAGE_FULL(Code.UNAVAILABLE, true),
    METADATA_UNAVAILABLE(Code.UNAVAILABLE, true),
    OUTCOME_UNKNOWN(Code.UNKNOWN, true),
    OVERLOADED(Code.RESOURCE_EXHAUSTED, true),
    SHUTTING_DOWN(Code.UNAVAILABLE, true),
    UNAUTHENTICATED(Code.UNAUTHENTICATED, false),
    CREDENTIALS_EXPIRED(Code.UNAUTHENTICATED, true),
    CREDENTIALS_UNVERIFIABLE(Code.UNAVAILABLE, true),
    NOT_AUTHORIZED(Code.PERMISSION_DENIED, false),
    INTERNAL_ERROR(Code.INTERNAL, false);

    private final Code code;
    private final boolean retriable;

    Reason(Code code, boolean retriable) {
        this.code = code;
        this.retriable = retriable;
    }

    public Code code() {
        return code;
    }

    /** Returns whether a retry of the same request may succeed. */
    public boolean retriable() {
        return retriable;
    }
}

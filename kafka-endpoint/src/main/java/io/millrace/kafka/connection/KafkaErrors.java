package io.millrace.kafka.connection;

import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import org.apache.kafka.common.protocol.Errors;

/**
 * The mapping of reasons to the error codes of the Kafka protocol. Retriable reasons map to codes
 * after which producers and consumers retry.
 */
public final class KafkaErrors {

    private KafkaErrors() {}

    /** Returns the code, unless an API requires another one. */
    public static Errors of(Reason reason) {
        return switch (reason) {
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case INVALID_TOPIC_NAME -> Errors.INVALID_TOPIC_EXCEPTION;
            case INVALID_PARTITION_COUNT -> Errors.INVALID_PARTITIONS;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case METADATA_FULL -> Errors.POLICY_VIOLATION;
            case MALFORMED_REQUEST, NO_COMMITTED_OFFSET -> Errors.INVALID_REQUEST;
            case MALFORMED_BATCH,
                    UNSUPPORTED_BATCH,
                    CONTROL_BATCH,
                    RECORD_COUNT_MISMATCH,
                    INVALID_SEQUENCE,
                    NULL_KEY ->
                    Errors.INVALID_RECORD;
            case CHECKSUM_MISMATCH, CORRUPT_DATA -> Errors.CORRUPT_MESSAGE;
            case TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case TIMESTAMP_TOO_FAR_AHEAD -> Errors.INVALID_TIMESTAMP;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            case UNKNOWN_PRODUCER -> Errors.UNKNOWN_PRODUCER_ID;
            case UNKNOWN_GROUP -> Errors.GROUP_ID_NOT_FOUND;
            case INVALID_GROUP -> Errors.INVALID_GROUP_ID;
            case GROUP_NOT_EMPTY -> Errors.NON_EMPTY_GROUP;
            case GROUP_LIMIT_REACHED -> Errors.GROUP_MAX_SIZE_REACHED;
            case UNKNOWN_MEMBER -> Errors.UNKNOWN_MEMBER_ID;
            case STALE_GENERATION, PARTITION_NOT_LEASED -> Errors.ILLEGAL_GENERATION;
            case INSTANCE_REPLACED -> Errors.FENCED_INSTANCE_ID;
            case NOT_COORDINATOR -> Errors.NOT_COORDINATOR;
            case FEATURE_LEVEL_TOO_LOW -> Errors.UNSUPPORTED_VERSION;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case STORAGE_UNAVAILABLE, STORAGE_FULL, METADATA_UNAVAILABLE, OVERLOADED ->
                    Errors.KAFKA_STORAGE_ERROR;
            case OUTCOME_UNKNOWN -> Errors.REQUEST_TIMED_OUT;
            case SHUTTING_DOWN -> Errors.NOT_LEADER_OR_FOLLOWER;
            case UNAUTHENTICATED, CREDENTIALS_EXPIRED, CREDENTIALS_UNVERIFIABLE ->
                    Errors.SASL_AUTHENTICATION_FAILED;
            case NOT_AUTHORIZED -> Errors.CLUSTER_AUTHORIZATION_FAILED;
            case INTERNAL_ERROR -> Errors.UNKNOWN_SERVER_ERROR;
        };
    }

    /** Returns the code of a failed future; UNKNOWN_SERVER_ERROR for bugs. */
    public static Errors ofFailure(Throwable failure) {
        return FutureFailures.unwrap(failure) instanceof ProblemException known
                ? of(known.problem().reason())
                : Errors.UNKNOWN_SERVER_ERROR;
    }

    /** Returns a reason that has the code; MALFORMED_REQUEST for codes of Kafka alone. */
    public static Reason reasonOf(Errors error) {
        for (Reason reason : Reason.values()) {
            if (of(reason) == error) {
                return reason;
            }
        }
        return Reason.MALFORMED_REQUEST;
    }

    /** Returns the code of a denied operation on a resource. */
    public static Errors unauthorized(ResourceType type) {
        return switch (type) {
            case TOPIC -> Errors.TOPIC_AUTHORIZATION_FAILED;
            case GROUP -> Errors.GROUP_AUTHORIZATION_FAILED;
            case CLUSTER -> Errors.CLUSTER_AUTHORIZATION_FAILED;
            case TRANSACTIONAL_ID -> Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        };
    }
}

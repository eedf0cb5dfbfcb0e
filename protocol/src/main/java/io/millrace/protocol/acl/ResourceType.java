package io.millrace.protocol.acl;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A type of resource, with the meaning of Kafka's type of the same name. */
public enum ResourceType {
    TOPIC(2),
    GROUP(3),
    /** The cluster itself, a single resource with the name {@link #CLUSTER_NAME}. */
    CLUSTER(4),
    TRANSACTIONAL_ID(5);

    /** The name of the only resource of type {@link #CLUSTER}, as in Kafka. */
    public static final String CLUSTER_NAME = "kafka-cluster";

    private final int code;

    ResourceType(int code) {
        this.code = code;
    }

    /** Returns the type with a code; empty if there is none. */
    public static Optional<ResourceType> withCode(int code) {
        return Codes.find(values(), ResourceType::code, code);
    }

    /** Returns the operations that exist for resources of the type, as in Kafka. */
    public Set<Operation> operations() {
        return switch (this) {
            case TOPIC ->
                    EnumSet.of(
                            Operation.ALL,
                            Operation.READ,
                            Operation.WRITE,
                            Operation.CREATE,
                            Operation.DELETE,
                            Operation.ALTER,
                            Operation.DESCRIBE,
                            Operation.DESCRIBE_CONFIGS,
                            Operation.ALTER_CONFIGS);
            case GROUP ->
                    EnumSet.of(
                            Operation.ALL,
                            Operation.READ,
                            Operation.DELETE,
                            Operation.DESCRIBE,
                            Operation.DESCRIBE_CONFIGS,
                            Operation.ALTER_CONFIGS);
            case CLUSTER ->
                    EnumSet.of(
                            Operation.ALL,
                            Operation.CREATE,
                            Operation.ALTER,
                            Operation.DESCRIBE,
                            Operation.CLUSTER_ACTION,
                            Operation.DESCRIBE_CONFIGS,
                            Operation.ALTER_CONFIGS,
                            Operation.IDEMPOTENT_WRITE);
            case TRANSACTIONAL_ID -> EnumSet.of(Operation.ALL, Operation.WRITE, Operation.DESCRIBE);
        };
    }

    /** Returns the number of the type in Kafka's protocol, in requests and in the log. */
    public int code() {
        return code;
    }
}

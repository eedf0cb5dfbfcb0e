package io.millrace.protocol.acl;

import java.util.Optional;

/** An operation on a resource, with the meaning of Kafka's operation of the same name. */
public enum Operation {
    ALL(2),
    READ(3),
    WRITE(4),
    CREATE(5),
    DELETE(6),
    ALTER(7),
    DESCRIBE(8),
    CLUSTER_ACTION(9),
    DESCRIBE_CONFIGS(10),
    ALTER_CONFIGS(11),
    IDEMPOTENT_WRITE(12);

    private final int code;

    Operation(int code) {
        this.code = code;
    }

    /** Returns the operation with a code; empty if there is none. */
    public static Optional<Operation> withCode(int code) {
        return Codes.find(values(), Operation::code, code);
    }

    /** Returns the number of the operation in Kafka's protocol, in requests and in the log. */
    public int code() {
        return code;
    }
}

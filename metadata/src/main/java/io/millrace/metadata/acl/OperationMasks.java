package io.millrace.metadata.acl;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;

/**
 * The operations that the ACLs of one principal, host and pattern name, as sets with a bit for each
 * operation.
 *
 * @param allowed the operations of the ACLs that allow
 * @param denied the operations of the ACLs that deny
 */
record OperationMasks(int allowed, int denied) {

    static final OperationMasks NONE = new OperationMasks(0, 0);

    private static final Operation[] OPERATIONS = Operation.values();

    /** For each operation those whose denial denies it. */
    private static final int[] DENYING = new int[OPERATIONS.length];

    /** For each operation those whose permission allows it. */
    private static final int[] ALLOWING = new int[OPERATIONS.length];

    static {
        for (Operation operation : OPERATIONS) {
            int direct = bit(operation) | bit(Operation.ALL);
            DENYING[operation.ordinal()] = direct;
            ALLOWING[operation.ordinal()] = direct | implying(operation);
        }
    }

    /** Returns the operations whose permission implies that of another, as in Kafka. */
    private static int implying(Operation operation) {
        return switch (operation) {
            case DESCRIBE ->
                    bit(Operation.READ)
                            | bit(Operation.WRITE)
                            | bit(Operation.DELETE)
                            | bit(Operation.ALTER);
            case DESCRIBE_CONFIGS -> bit(Operation.ALTER_CONFIGS);
            case ALL,
                    READ,
                    WRITE,
                    CREATE,
                    DELETE,
                    ALTER,
                    CLUSTER_ACTION,
                    ALTER_CONFIGS,
                    IDEMPOTENT_WRITE ->
                    0;
        };
    }

    private static int bit(Operation operation) {
        return 1 << operation.ordinal();
    }

    boolean isEmpty() {
        return (allowed | denied) == 0;
    }

    OperationMasks with(Operation operation, Permission permission) {
        return switch (permission) {
            case ALLOW -> new OperationMasks(allowed | bit(operation), denied);
            case DENY -> new OperationMasks(allowed, denied | bit(operation));
        };
    }

    OperationMasks without(Operation operation, Permission permission) {
        return switch (permission) {
            case ALLOW -> new OperationMasks(allowed & ~bit(operation), denied);
            case DENY -> new OperationMasks(allowed, denied & ~bit(operation));
        };
    }

    /** Returns whether an ACL has an effect on an operation. */
    boolean has(Permission permission, Operation operation) {
        return deciders(permission, operation) != 0;
    }

    /** Returns the operation of an ACL that has an effect on an operation: the same if possible. */
    Operation deciding(Permission permission, Operation operation) {
        int found = deciders(permission, operation);
        return (found & bit(operation)) != 0
                ? operation
                : OPERATIONS[Integer.numberOfTrailingZeros(found)];
    }

    private int deciders(Permission permission, Operation operation) {
        return switch (permission) {
            case ALLOW -> allowed & ALLOWING[operation.ordinal()];
            case DENY -> denied & DENYING[operation.ordinal()];
        };
    }
}

package io.millrace.kafka.connection;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;

/** Bit sets of the operations that a caller may execute, as answers contain them. */
public final class AuthorizedOperations {

    /** The client did not request the operations. */
    public static final int NOT_REQUESTED = Integer.MIN_VALUE;

    private AuthorizedOperations() {}

    /** Returns a bit for each operation, at the position of its code. */
    public static int of(RequestContext context, ResourceType type, String name) {
        int bits = 0;
        for (Operation operation : type.operations()) {
            if (operation != Operation.ALL && context.allows(operation, type, name)) {
                bits |= 1 << operation.code();
            }
        }
        return bits;
    }

    /** Returns the operations on the cluster; none if the caller may not describe it. */
    public static int ofCluster(RequestContext context) {
        return context.allows(Operation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                ? of(context, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                : 0;
    }
}

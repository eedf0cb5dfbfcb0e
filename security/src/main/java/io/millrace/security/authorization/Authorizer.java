package io.millrace.security.authorization;

import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;

/**
 * Decides which operations a caller may execute on which resources. Any thread. Never blocks, and
 * allocates nothing.
 */
public sealed interface Authorizer permits AclAuthorizer, OpenAuthorizer {

    /** The authorizer of a server without authentication, which allows everything. */
    Authorizer OPEN = new OpenAuthorizer();

    /**
     * Returns whether the caller may execute the operation.
     *
     * @param name the name of a resource, which need not exist
     */
    boolean allows(Caller caller, Operation operation, ResourceType type, String name);

    /** Returns whether the caller may execute the operation on some resource of the type. */
    boolean allowsAny(Caller caller, Operation operation, ResourceType type);

    /** Returns the decision about any principal, with its cause. May allocate. */
    AccessDecision decide(
            String principal, String host, Operation operation, ResourceType type, String name);

    /**
     * Returns an object that is replaced whenever decisions may have changed. Compared by identity.
     * A decision that is made after this call is at least as new as the returned version.
     */
    Object version();
}

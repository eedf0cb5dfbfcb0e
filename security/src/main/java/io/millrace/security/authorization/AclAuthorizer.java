package io.millrace.security.authorization;

import io.millrace.metadata.acl.AclIndex;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Allows what the ACLs of the cluster allow, and denies everything else. Superusers and nodes of
 * the cluster may execute everything. Any thread.
 */
public final class AclAuthorizer implements Authorizer {

    private final Supplier<AclIndex> acls;
    private final Set<String> superUsers;

    /**
     * @param acls the supplier of the current ACLs; called on any thread
     * @param superUsers the principals of superusers, such as {@code User:admin}
     */
    public AclAuthorizer(Supplier<AclIndex> acls, Set<String> superUsers) {
        this.acls = acls;
        this.superUsers = Set.copyOf(superUsers);
    }

    private boolean isSuperUser(String principal) {
        return superUsers.contains(principal) || principal.equals(Principal.NODE.text());
    }

    @Override
    public boolean allows(Caller caller, Operation operation, ResourceType type, String name) {
        String principal = caller.principal().text();
        return acls.get().allows(principal, caller.host(), operation, type, name)
                || isSuperUser(principal);
    }

    @Override
    public boolean allowsAny(Caller caller, Operation operation, ResourceType type) {
        String principal = caller.principal().text();
        return acls.get().allowsAny(principal, caller.host(), operation, type)
                || isSuperUser(principal);
    }

    @Override
    public AccessDecision decide(
            String principal, String host, Operation operation, ResourceType type, String name) {
        return isSuperUser(principal)
                ? new AccessDecision.AllowedToSuperuser()
                : acls.get().decide(principal, host, operation, type, name);
    }

    @Override
    public Object version() {
        return acls.get();
    }
}

package io.millrace.security.authorization;

import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;

/** Allows everything. */
final class OpenAuthorizer implements Authorizer {

    @Override
    public boolean allows(Caller caller, Operation operation, ResourceType type, String name) {
        return true;
    }

    @Override
    public boolean allowsAny(Caller caller, Operation operation, ResourceType type) {
        return true;
    }

    @Override
    public AccessDecision decide(
            String principal, String host, Operation operation, ResourceType type, String name) {
        return new AccessDecision.NotEnforced();
    }

    @Override
    public Object version() {
        return this;
    }
}

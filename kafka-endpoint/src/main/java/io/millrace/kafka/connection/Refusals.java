package io.millrace.kafka.connection;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;

/** Records requests that were refused for a lack of rights. Any thread; must not block. */
@FunctionalInterface
public interface Refusals {

    /** Records nothing. */
    Refusals NONE = (caller, api, operation, type, name) -> {};

    void refused(Caller caller, String api, Operation operation, ResourceType type, String name);
}

package io.millrace.server.grpc.admin;

import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;

/** Decides an access by the rules that the node enforces, and names the cause. Any thread. */
@FunctionalInterface
public interface AccessTest {

    /**
     * @param host the IP address of a client; empty if unknown
     */
    AccessDecision decide(
            String principal, String host, Operation operation, ResourceType type, String name);
}

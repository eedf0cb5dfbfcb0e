package io.millrace.group.classic;

import java.util.Map;

/**
 * A request of a member for its assignment, with the assignments if the member leads.
 *
 * @param protocolType empty if the client does not send the type
 * @param protocol empty if the client does not send the protocol
 */
public record ClassicSync(
        MemberOfGeneration member,
        String protocolType,
        String protocol,
        Map<String, MemberAssignment> assignments) {

    public ClassicSync {
        assignments = Map.copyOf(assignments);
    }
}

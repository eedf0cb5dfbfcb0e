package io.millrace.group.classic;

import java.time.Duration;
import java.util.List;

/**
 * A request of a member to join a classic group.
 *
 * @param memberId empty for a new member
 * @param instanceId the static instance id; empty for a dynamic member
 * @param protocolType the type of the protocols, such as {@code consumer}
 * @param protocols in order of preference
 * @param mustKnowId whether a new dynamic member is first told its id, and must join again
 * @param maySkipAssignment whether the client understands that it leads and need not assign
 */
public record ClassicJoin(
        String memberId,
        String instanceId,
        String protocolType,
        List<AssignmentProtocol> protocols,
        Duration sessionTimeout,
        Duration rebalanceTimeout,
        String clientId,
        String host,
        boolean mustKnowId,
        boolean maySkipAssignment) {

    public ClassicJoin {
        protocols = List.copyOf(protocols);
    }
}

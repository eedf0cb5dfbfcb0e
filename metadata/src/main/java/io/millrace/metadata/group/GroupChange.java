package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * The difference between two consecutive generations of a group. Applied in this order: members
 * that left lose all leases, members that joined replace a member with the same id, leases are
 * assigned and revoked. Immutable.
 *
 * @param protocol the name of the protocol that serves the members
 * @param details the group's details, opaque to everything but coordinators
 * @param left the ids of members that left
 * @param joined new or changed members
 * @param leases assigned, renewed and revoked leases
 */
public record GroupChange(
        String protocol,
        ByteString details,
        List<String> left,
        List<GroupMember> joined,
        List<LeaseChange> leases) {

    public GroupChange {
        GroupLimits.requireWellFormed(protocol);
        left.forEach(GroupLimits::requireWellFormed);
        left = List.copyOf(left);
        joined = List.copyOf(joined);
        leases = List.copyOf(leases);
    }
}

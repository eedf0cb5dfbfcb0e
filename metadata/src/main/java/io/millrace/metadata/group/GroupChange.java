package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * The difference between two consecutive generations of a group. Applied in this order: {@code
 * left} loses all leases, {@code joined} replaces members with the same id, leases are assigned and
 * revoked.
 *
 * @param details opaque to everything but coordinators
 * @param joined new or changed members
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

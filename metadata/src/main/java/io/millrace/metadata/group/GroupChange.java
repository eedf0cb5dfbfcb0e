package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * What differs between a generation of a group and the one before it. Applied in this order: who
 * left loses all leases, who joined replaces a member of the same id, leases are given and taken.
 * Immutable.
 *
 * @param protocol how the group's members are served, in a word
 * @param details of the group that only coordinators read
 * @param left ids of members that are gone
 * @param joined members that are new or differ
 * @param leases that are given, given anew, or taken
 */
public record GroupChange(
        String protocol,
        ByteString details,
        List<String> left,
        List<GroupMember> joined,
        List<LeaseChange> leases) {

    public GroupChange {
        GroupLimits.wellFormed(protocol);
        left.forEach(GroupLimits::wellFormed);
        left = List.copyOf(left);
        joined = List.copyOf(joined);
        leases = List.copyOf(leases);
    }
}

package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;
import java.util.Set;

/**
 * A request of a member to join a group. Immutable.
 *
 * @param group the group id
 * @param memberId the id that the group assigned earlier or the member chose; empty for a new
 *     member without a chosen id
 * @param memberIdChosen whether the member chose the id and joins for the first time or does not
 *     know whether it joined before. An existing member of that id is then continued, even from
 *     another process
 * @param instanceId the static instance id, unique in the group and stable across restarts; empty
 *     if there is none. A new member with the instance id of an existing member is invited, and on
 *     acceptance replaces that member and takes over the partitions
 * @param details the member's details, which replace the earlier ones
 * @param owned the partitions that the member works on while changing coordinator or connection;
 *     empty if unknown. All leases are then assigned again in the first message, which may be an
 *     empty list
 */
public record JoinRequest(
        String group,
        String memberId,
        boolean memberIdChosen,
        String instanceId,
        MemberDetails details,
        Optional<Set<PartitionId>> owned) {

    /** Creates the request of a member that has an id assigned by the group, or none yet. */
    public JoinRequest(
            String group,
            String memberId,
            String instanceId,
            MemberDetails details,
            Optional<Set<PartitionId>> owned) {
        this(group, memberId, false, instanceId, details, owned);
    }

    public JoinRequest {
        owned = owned.map(Set::copyOf);
    }
}

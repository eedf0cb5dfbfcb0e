package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.security.principal.Caller;
import java.util.Optional;
import java.util.Set;

/**
 * A request of a member to join a group. Immutable.
 *
 * @param memberId empty for a new member without a chosen id
 * @param memberIdChosen whether the member chose the id and may be new; an existing member of that
 *     id is continued, even from another process
 * @param instanceId the static instance id, stable across restarts; empty if there is none. If in
 *     use, a new member is invited and takes over on acceptance
 * @param owned the partitions that the member works on; empty if unknown, then the first message
 *     assigns all leases again
 * @param caller the authenticated client, also if its stream is on another node
 */
public record JoinRequest(
        String group,
        String memberId,
        boolean memberIdChosen,
        String instanceId,
        MemberDetails details,
        Optional<Set<PartitionId>> owned,
        Caller caller) {

    /** A request of an anonymous client without a chosen id. */
    public JoinRequest(
            String group,
            String memberId,
            String instanceId,
            MemberDetails details,
            Optional<Set<PartitionId>> owned) {
        this(group, memberId, false, instanceId, details, owned, Caller.anonymous(""));
    }

    public JoinRequest {
        owned = owned.map(Set::copyOf);
    }
}

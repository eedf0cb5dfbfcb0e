package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;
import java.util.Set;

/**
 * Who wants to be in which group. Immutable.
 *
 * @param group its id
 * @param memberId that the group gave it before, or that it chose; empty for a new member that did
 *     not choose one
 * @param chosen whether it chose its id itself, and comes for the first time or does not know
 *     whether it came before. A member of that id goes on then, be it in another process
 * @param instanceId what it is called after each restart, unique in the group; empty if it has no
 *     such name. A new member of an instance that the group knows is invited, and takes over that
 *     one's partitions when it accepts; the one before is a member no more then
 * @param details of it, in place of those before
 * @param owned what it works on while it changes the coordinator or the connection to it; empty if
 *     it does not know. Then everything that is its own is assigned to it again, all in the first
 *     message, maybe nothing
 */
public record JoinRequest(
        String group,
        String memberId,
        boolean chosen,
        String instanceId,
        MemberDetails details,
        Optional<Set<PartitionId>> owned) {

    /** Of a member that has the id which the group gave it, or none yet. */
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

package io.millrace.metadata.group;

import com.google.protobuf.ByteString;

/**
 * A member of a consumer group, as its coordinator wants to find it again, or another one after it.
 * Immutable.
 *
 * @param id unique in the group and never used again
 * @param instanceId what the member is called after each restart, unique in the group; empty where
 *     it has no such name
 * @param details what only coordinators read: subscription, time-outs, client
 * @param assignment what only coordinators and clients read: empty where leases say it all
 */
public record GroupMember(String id, String instanceId, ByteString details, ByteString assignment) {

    public GroupMember {
        GroupLimits.wellFormed(id);
        GroupLimits.wellFormed(instanceId);
    }

    /** Bytes of what only coordinators and clients read. */
    public int detailsBytes() {
        return details.size() + assignment.size();
    }
}

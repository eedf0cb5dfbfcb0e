package io.millrace.metadata.group;

import com.google.protobuf.ByteString;

/**
 * A member of a consumer group, with the properties that survive a change of coordinator.
 *
 * @param id unique in the group and never reused
 * @param instanceId the static id that survives restarts, unique in the group; empty for a dynamic
 *     member
 * @param details subscription, timeouts and client, opaque to everything but coordinators
 * @param assignment opaque to everything but coordinators and clients; empty where leases suffice
 */
public record GroupMember(String id, String instanceId, ByteString details, ByteString assignment) {

    public GroupMember {
        GroupLimits.requireWellFormed(id);
        GroupLimits.requireWellFormed(instanceId);
    }

    public int detailsBytes() {
        return details.size() + assignment.size();
    }
}

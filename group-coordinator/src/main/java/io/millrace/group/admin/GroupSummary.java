package io.millrace.group.admin;

import io.millrace.metadata.group.Group;
import java.util.OptionalLong;

/**
 * A summary of a group. Immutable.
 *
 * @param id the group id
 * @param status the status
 * @param protocol the protocol name of the members; empty if there never were any
 * @param coordinator the incarnation of the coordinator
 * @param memberCount the number of members
 */
public record GroupSummary(
        String id, GroupStatus status, String protocol, OptionalLong coordinator, int memberCount) {

    static GroupSummary of(Group group) {
        return new GroupSummary(
                group.id(),
                GroupStatus.of(group),
                group.protocol(),
                group.coordinator(),
                group.members().size());
    }
}

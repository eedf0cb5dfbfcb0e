package io.millrace.group.admin;

import io.millrace.metadata.group.Group;
import java.util.OptionalLong;

/**
 * A summary of a group. Immutable.
 *
 * @param protocol the protocol name of the members; empty if there never were any
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

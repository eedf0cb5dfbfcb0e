package io.millrace.group.admin;

import io.millrace.metadata.group.Group;
import java.util.OptionalLong;

/**
 * A group in short. Immutable.
 *
 * @param id of the group
 * @param status what it is doing
 * @param protocol how its members are served, in a word; empty if it never had any
 * @param coordinator the incarnation that coordinates it
 * @param memberCount how many members it has
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

package io.millrace.group.admin;

import io.millrace.metadata.group.Group;

/** The status of a group. */
public enum GroupStatus {
    /** The group has no members. */
    EMPTY,
    /** The group has members and a coordinator. */
    ACTIVE,
    /** The group has members, but the coordinator has died. */
    UNCOORDINATED;

    static GroupStatus of(Group group) {
        if (group.members().isEmpty()) {
            return EMPTY;
        }
        return group.coordinator().isPresent() ? ACTIVE : UNCOORDINATED;
    }
}

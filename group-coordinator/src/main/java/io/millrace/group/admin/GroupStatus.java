package io.millrace.group.admin;

import io.millrace.metadata.group.Group;

/** The status of a group. */
public enum GroupStatus {
    EMPTY,
    ACTIVE,
    /** A group with members whose coordinator has died. */
    UNCOORDINATED;

    static GroupStatus of(Group group) {
        if (group.members().isEmpty()) {
            return EMPTY;
        }
        return group.coordinator().isPresent() ? ACTIVE : UNCOORDINATED;
    }
}

package io.millrace.group.admin;

import io.millrace.metadata.group.Group;

/** What a group is doing. */
public enum GroupStatus {
    /** It has no members. */
    EMPTY,
    /** It has members, and a node coordinates them. */
    ACTIVE,
    /** It has members, and the node that coordinated them is gone. */
    UNCOORDINATED;

    static GroupStatus of(Group group) {
        if (group.members().isEmpty()) {
            return EMPTY;
        }
        return group.coordinator().isPresent() ? ACTIVE : UNCOORDINATED;
    }
}

package io.millrace.metadata.state.group;

import io.millrace.metadata.group.GroupMember;

/** A place in a group: leases lead to it, so that its member can change without them. */
final class MemberSlot {

    GroupMember member;
    boolean left;

    MemberSlot(GroupMember member) {
        this.member = member;
    }
}

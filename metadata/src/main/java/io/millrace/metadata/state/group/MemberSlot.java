package io.millrace.metadata.state.group;

import io.millrace.metadata.group.GroupMember;

/** A mutable reference to a member, so that details can change without a change of leases. */
final class MemberSlot {

    GroupMember member;
    boolean left;

    MemberSlot(GroupMember member) {
        this.member = member;
    }
}

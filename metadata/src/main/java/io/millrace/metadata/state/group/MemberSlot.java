package io.millrace.metadata.state.group;

import io.millrace.metadata.group.GroupMember;

/**
 * A mutable reference to a member. Leases refer to the slot, so that the member's details can
 * change without a change of the leases.
 */
final class MemberSlot {

    GroupMember member;
    boolean left;

    MemberSlot(GroupMember member) {
        this.member = member;
    }
}

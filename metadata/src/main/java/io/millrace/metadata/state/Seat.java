package io.millrace.metadata.state;

import io.millrace.metadata.group.GroupMember;

/** A place in a group: leases lead to it, so that its member can change without them. */
final class Seat {

    GroupMember member;
    boolean left;

    Seat(GroupMember member) {
        this.member = member;
    }
}

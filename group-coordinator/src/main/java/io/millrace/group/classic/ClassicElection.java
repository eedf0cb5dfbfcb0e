package io.millrace.group.classic;

import io.millrace.metadata.proto.ClassicGroupDetails;
import java.util.List;

/**
 * The protocol type, the elected protocol and the leader of a classic group, as answers name them.
 * Owned by its group.
 */
final class ClassicElection {

    private String protocolType;
    private String protocol;
    private String leader;

    ClassicElection(ClassicGroupDetails details) {
        this.protocolType = details.getProtocolType();
        this.protocol = details.getProtocol();
        this.leader = details.getLeader();
    }

    String protocolType() {
        return protocolType;
    }

    /** Returns the elected protocol; empty without members. */
    String protocol() {
        return protocol;
    }

    /** Returns the id of the leader; empty without members. */
    String leader() {
        return leader;
    }

    boolean isLeader(ClassicMember member) {
        return leader.equals(member.id);
    }

    /** Sets the protocol type of a member that joins. */
    void join(String type) {
        protocolType = type;
    }

    /** Takes over the result of a rebalance. */
    void elect(ClassicRebalance round) {
        leader = round.leader();
        protocol = round.electedProtocol();
    }

    /** Lets another process of a static member lead. */
    void replaceLeader(ClassicMember former, ClassicMember member) {
        if (isLeader(former)) {
            leader = member.id;
        }
    }

    /** Removes protocol and leader of a group without members. */
    void clear() {
        leader = "";
        protocol = "";
    }

    /** Answers a member that has joined. The leader receives the metadata of all members. */
    JoinAnswer joined(ClassicMember member, ClassicMembers members) {
        return joined(
                member, leader, false, isLeader(member) ? members.metadata(protocol) : List.of());
    }

    /** Answers a follower of a stable group that has not changed. */
    JoinAnswer followed(ClassicMember follower) {
        return joined(follower, leader, false, List.of());
    }

    /** Answers another process of a static member, which keeps the assignment. */
    JoinAnswer takenOver(ClassicMember member, ClassicMembers members) {
        boolean leads = isLeader(member);
        // A client that cannot skip the assignment must not learn that it leads.
        String told = leads && !member.maySkipAssignment ? member.replaces : leader;
        boolean skips = leads && member.maySkipAssignment;
        return joined(member, told, skips, skips ? members.metadata(protocol) : List.of());
    }

    private JoinAnswer joined(
            ClassicMember member,
            String leaderId,
            boolean skips,
            List<JoinAnswer.JoinedMember> metadata) {
        return new JoinAnswer.Joined(
                member.id, member.generation, protocolType, protocol, leaderId, skips, metadata);
    }

    SyncAnswer assigned(ClassicMember member) {
        return new SyncAnswer.Assigned(protocolType, protocol, member.assignment);
    }
}

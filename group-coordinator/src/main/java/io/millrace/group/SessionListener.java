package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import java.util.List;

/**
 * Receives a group's instructions to one member. Called on the event loop, also from within calls
 * of {@link GroupSession}. The states of a partition are: assigned, optionally being revoked, then
 * released by the member or lost; it may be assigned again later.
 */
public interface SessionListener {

    /**
     * Another process holds the member's instance id. This one replaces that member after {@link
     * GroupSession#accept}. Every invitation needs a fresh answer, because an earlier answer may
     * date from before the other process started. Called only before {@link #joined}; the latest
     * invitation is valid.
     *
     * @param memberId the id that the member gets
     */
    void invited(String memberId);

    /** The member is in the group. The first call, unless an invitation or the end precedes it. */
    void joined(String memberId);

    /**
     * Partitions are assigned to the member.
     *
     * @param generation the group's generation, to be named in later commits
     */
    void assigned(int generation, List<AssignedPartition> partitions);

    /**
     * The member must finish work on these partitions, commit, and release them. The member owns
     * them until then. May be repeated after a change of session.
     */
    void revoke(List<PartitionId> partitions);

    /** The member has lost these partitions and must stop work at once. */
    void lost(List<PartitionId> partitions);

    /** The group has received the member's heartbeats, at least up to this sequence. */
    void heartbeatAcknowledged(long mark);

    /**
     * The session has ended; the last call. After NOT_COORDINATOR and other retriable errors the
     * member keeps its partitions and should open a new session; otherwise all partitions are lost.
     */
    void ended(Problem problem);
}

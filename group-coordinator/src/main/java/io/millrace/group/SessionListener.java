package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import java.util.List;

/**
 * Receives a group's instructions to one member. Called on the event loop, also from within calls
 * of {@link GroupSession}.
 */
public interface SessionListener {

    /**
     * Another process holds the member's instance id, and this member replaces it after {@link
     * GroupSession#accept}. Each invitation requires a new acceptance; the latest is valid. Called
     * only before {@link #joined}.
     *
     * @param memberId the future id of this member
     */
    void invited(String memberId);

    /** The member is in the group. Only an invitation or the end precedes this call. */
    void joined(String memberId);

    /**
     * @param generation the group's generation for later commits
     */
    void assigned(int generation, List<AssignedPartition> partitions);

    /**
     * The member must finish work on these partitions, commit, and release them; it owns them until
     * then. May be repeated in a new session.
     */
    void revoke(List<PartitionId> partitions);

    /** The member has lost these partitions and must stop work at once. */
    void lost(List<PartitionId> partitions);

    /** The group has received the heartbeats up to this sequence. */
    void heartbeatAcknowledged(long mark);

    /**
     * The session has ended; the last call. After NOT_COORDINATOR and other retriable errors the
     * member keeps its partitions and opens a new session. After other errors all partitions are
     * lost.
     */
    void ended(Problem problem);
}

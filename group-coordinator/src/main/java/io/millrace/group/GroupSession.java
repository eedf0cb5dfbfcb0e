package io.millrace.group;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A member's session with its group. Used only on the event loop of its {@link GroupSessions}.
 * After its end, calls have no effect.
 *
 * <p>A member may work on its partitions for the session timeout after sending the last
 * acknowledged heartbeat; a new member, after sending the join request.
 */
public interface GroupSession {

    /** The error of every commit after {@link #leave}. */
    Problem LEFT =
            new Problem(Reason.UNKNOWN_MEMBER, "The member has left the group: join it again.");

    /**
     * @param mark the sequence that {@link SessionListener#heartbeatAcknowledged} returns; never
     *     decreases
     */
    void heartbeat(long mark);

    /**
     * Accepts an invitation; ignored for an id other than that of {@link SessionListener#invited}.
     */
    void accept(String memberId);

    /**
     * Reports that the member no longer works on these partitions; ignored without a lease. Commits
     * sent earlier through this session are still accepted.
     */
    void released(Collection<PartitionId> partitions);

    /**
     * Commits offsets under this member's leases.
     *
     * @param number see {@link Command.OffsetsCommitted}
     * @param offsets one offset for each partition
     * @return completes on the event loop, never exceptionally
     */
    CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets);

    /**
     * Leaves the group; the listener is not called again.
     *
     * @return completes on the event loop, never exceptionally, after the partitions are revoked or
     *     when only the session timeout can revoke them
     */
    CompletableFuture<Void> leave();

    /**
     * Ends the session; the member stays in the group until the session timeout. The listener is
     * not called again.
     */
    void detach();
}

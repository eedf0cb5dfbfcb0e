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
 * <p>A member may work on its partitions for its session timeout. The timeout starts when the
 * member sent the last message acknowledged by {@link SessionListener#heartbeatAcknowledged}; for a
 * new member, when it requested to join.
 */
public interface GroupSession {

    /** The error of every commit after {@link #leave}. */
    Problem LEFT =
            new Problem(Reason.UNKNOWN_MEMBER, "The member has left the group: join it again.");

    /**
     * Records a heartbeat of the member.
     *
     * @param mark the heartbeat's sequence, returned by {@link
     *     SessionListener#heartbeatAcknowledged}; never decreases
     */
    void heartbeat(long mark);

    /**
     * Accepts an invitation.
     *
     * @param memberId the id from {@link SessionListener#invited}; any other id is ignored
     */
    void accept(String memberId);

    /**
     * Reports that the member no longer works on these partitions; partitions without a lease are
     * ignored. Commits for the partitions are still accepted if they were sent earlier through this
     * session or have been answered.
     */
    void released(Collection<PartitionId> partitions);

    /**
     * Commits offsets under this member's leases.
     *
     * @param number the number of the commit among all commits of this member, over all sessions;
     *     see {@link Command.OffsetsCommitted}
     * @param offsets one offset per partition
     * @return completes on the event loop, never exceptionally
     */
    CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets);

    /**
     * Leaves the group; the member no longer works on any partition. The listener is not called
     * again.
     *
     * @return completes on the event loop, never exceptionally: when the group has revoked the
     *     member's partitions, or when that has to wait for the session timeout
     */
    CompletableFuture<Void> leave();

    /**
     * Reports that the connection to the member is closed. The member stays in the group until the
     * session timeout. The listener is not called again.
     */
    void detach();
}

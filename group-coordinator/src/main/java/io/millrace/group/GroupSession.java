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
 * A member's talk with its group. Only on the loop of its {@link GroupSessions}. Once it has ended,
 * nothing has an effect any more.
 *
 * <p>The member's right to its partitions lasts for its session timeout from when it sent the last
 * message that {@link SessionListener#alive} answered; for a new member, from when it asked to
 * join.
 */
public interface GroupSession {

    /** The problem with every commit after {@link #leave}. */
    Problem LEFT =
            new Problem(Reason.UNKNOWN_MEMBER, "The member has left the group: join it again.");

    /**
     * The member was heard of.
     *
     * @param mark comes back in {@link SessionListener#alive}; does not go down
     */
    void alive(long mark);

    /**
     * The member has heard an invitation, and wants the place.
     *
     * @param memberId of {@link SessionListener#invited}; another one is passed over
     */
    void accept(String memberId);

    /**
     * The member works on these no more; those that are not its own are passed over. Its commits of
     * them still count if they were sent before through this session, or are answered already.
     */
    void released(Collection<PartitionId> partitions);

    /**
     * Commits offsets under this member's leases.
     *
     * @param number of the commit among all of this member's, whichever session they go through;
     *     one of {@link Command.OffsetsCommitted}
     * @param offsets one for each partition
     * @return completes on the loop, never exceptionally
     */
    CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets);

    /**
     * The member is done, and works on nothing any more. Its listener hears nothing more.
     *
     * @return completes on the loop, never exceptionally: when the group has given its partitions
     *     up, or when that has to wait for the session timeout
     */
    CompletableFuture<Void> leave();

    /**
     * The connection to the member is gone: it stays in the group until its session timeout. Its
     * listener hears nothing more.
     */
    void detach();
}

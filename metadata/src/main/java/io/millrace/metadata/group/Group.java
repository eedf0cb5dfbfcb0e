package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A consumer group in the applied state. A live view: only on the loop that owns the state, and
 * valid until the current task ends.
 */
public interface Group {

    String id();

    /** Returns the epoch of the last claim; 0 if the group was never claimed. */
    long claimEpoch();

    /**
     * Returns the incarnation that coordinates the group, while that incarnation is open; else
     * empty.
     */
    OptionalLong coordinator();

    /**
     * Returns the generation, which rises by 1 with each change of members or leases; 0 before the
     * first.
     */
    int generation();

    /** Returns the name of the protocol that serves the members; empty before the first change. */
    String protocol();

    /** Returns the coordinator's opaque details of the group. */
    ByteString details();

    /** Returns the members in the order of their ids. */
    List<GroupMember> members();

    Optional<GroupMember> member(String id);

    /** Returns the ids of topics with a leased partition or a committed offset, in order. */
    List<Long> topics();

    /** Returns the partitions of a topic with a lease or a committed offset, in order. */
    List<Integer> partitions(long topicId);

    /** Returns the lease of a partition; empty if not leased. */
    Optional<Lease> lease(long topicId, int partition);

    /** Returns the committed offset of a partition; empty if none. */
    Optional<CommittedOffset> committed(long topicId, int partition);
}

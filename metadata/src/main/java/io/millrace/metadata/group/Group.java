package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A consumer group in the applied state. A live view: only on the loop that owns the state, and
 * valid until the task ends.
 */
public interface Group {

    String id();

    /** Which claim is the last one; 0 if the group was never claimed. */
    long claimEpoch();

    /** The incarnation that coordinates the group, while it is open; empty if none does. */
    OptionalLong coordinator();

    /** Rises by 1 with each change of members or leases; 0 before the first. */
    int generation();

    /** How the group's members are served, in a word; empty before the first. */
    String protocol();

    /** What its coordinator wants to find again. */
    ByteString details();

    /** The members in the order of their ids. */
    List<GroupMember> members();

    Optional<GroupMember> member(String id);

    /** The ids of topics of which a partition is leased or has a committed offset, in order. */
    List<Long> topics();

    /** The partitions of a topic that are leased or have a committed offset, in order. */
    List<Integer> partitions(long topicId);

    /** Who has a partition; empty if nobody has. */
    Optional<Lease> lease(long topicId, int partition);

    /** What was committed for a partition; empty if nothing was. */
    Optional<CommittedOffset> committed(long topicId, int partition);
}

package io.millrace.metadata.group;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A live view of a consumer group. Only on the loop that owns the state; valid until the current
 * task ends.
 */
public interface Group {

    String id();

    /** Returns the epoch of the last claim; 0 without a claim. */
    long claimEpoch();

    /** Returns the coordinating incarnation; empty if closed. */
    OptionalLong coordinator();

    /** Returns the generation; 0 before the first change. */
    int generation();

    /** Returns the name of the protocol that serves the members; empty before the first change. */
    String protocol();

    /** Returns the coordinator's opaque details. */
    ByteString details();

    /** Returns the members by id. */
    List<GroupMember> members();

    Optional<GroupMember> member(String id);

    /** Returns the ids of topics with a lease or a committed offset, in order. */
    List<Long> topics();

    /** Returns the partitions with a lease or a committed offset, in order. */
    List<Integer> partitions(long topicId);

    Optional<Lease> lease(long topicId, int partition);

    Optional<CommittedOffset> committed(long topicId, int partition);
}

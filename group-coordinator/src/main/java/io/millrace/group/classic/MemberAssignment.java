package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import io.millrace.metadata.topic.PartitionId;
import java.util.List;

/**
 * The assignment of one member.
 *
 * @param assignment for the member, as the leader encoded the assignment
 * @param partitions the partitions in the assignment; none for groups that do not read partitions
 */
public record MemberAssignment(ByteString assignment, List<PartitionId> partitions) {

    public static final MemberAssignment EMPTY = new MemberAssignment(ByteString.EMPTY, List.of());

    public MemberAssignment {
        partitions = List.copyOf(partitions);
    }
}

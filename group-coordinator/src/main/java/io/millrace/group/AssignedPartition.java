package io.millrace.group;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;

/**
 * A partition that is assigned to a member.
 *
 * @param committed the group's committed offset; empty if the group has never committed
 */
public record AssignedPartition(PartitionId partition, Optional<CommittedOffset> committed) {}

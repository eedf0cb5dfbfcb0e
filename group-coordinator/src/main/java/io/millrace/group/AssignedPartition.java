package io.millrace.group;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;

/**
 * A partition that is a member's.
 *
 * @param committed how far the group has got; empty if it has never committed
 */
public record AssignedPartition(PartitionId partition, Optional<CommittedOffset> committed) {}

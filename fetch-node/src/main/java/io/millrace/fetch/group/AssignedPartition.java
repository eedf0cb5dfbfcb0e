package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.group.CommittedOffset;
import java.util.Optional;

/**
 * A partition that is a member's.
 *
 * @param committed how far the group has got; empty if it has never committed
 */
public record AssignedPartition(PartitionKey partition, Optional<CommittedOffset> committed) {}

package io.millrace.group.routing;

import io.millrace.group.AssignedPartition;
import io.millrace.group.SessionListener;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import java.util.List;

/** A listener that ignores all events, for members that have left. */
final class NoOpSessionListener implements SessionListener {

    @Override
    public void invited(String memberId) {}

    @Override
    public void joined(String memberId) {}

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {}

    @Override
    public void revoke(List<PartitionId> partitions) {}

    @Override
    public void lost(List<PartitionId> partitions) {}

    @Override
    public void heartbeatAcknowledged(long mark) {}

    @Override
    public void ended(Problem problem) {}
}

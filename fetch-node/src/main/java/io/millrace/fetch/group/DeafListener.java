package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.protocol.error.Problem;
import java.util.List;

/** Hears nothing: stands for a member that has left. */
final class DeafListener implements SessionListener {

    @Override
    public void invited(String memberId) {}

    @Override
    public void joined(String memberId) {}

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {}

    @Override
    public void revoke(List<PartitionKey> partitions) {}

    @Override
    public void lost(List<PartitionKey> partitions) {}

    @Override
    public void alive(long mark) {}

    @Override
    public void ended(Problem problem) {}
}

package io.millrace.group.coordinator;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What a member is to do with its leases, as the group's target says. Valid while the group in the
 * applied state is.
 *
 * @param member its id
 * @param known the partitions that the group knew before it began
 * @param firstOffset where a partition begins
 */
record MemberReconciliation(
        String member,
        PartitionLeases all,
        TargetAssignment target,
        Group now,
        KnownPartitions known,
        ToLongFunction<PartitionId> firstOffset)
        implements MemberState.Share {

    @Override
    public Set<PartitionId> leases() {
        return all.of(member);
    }

    @Override
    public boolean keeps(PartitionId key) {
        return member.equals(target.of(key));
    }

    @Override
    public Optional<CommittedOffset> committed(PartitionId key) {
        Optional<CommittedOffset> committed = now.committed(key.topicId(), key.partition());
        return committed.isEmpty() && known.isNew(key)
                ? Optional.of(new CommittedOffset(firstOffset.applyAsLong(key), -1, ""))
                : committed;
    }
}

package io.millrace.group.coordinator;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * A member's leases compared with the group's target. Valid until the applied state of the group
 * changes.
 */
record MemberReconciliation(
        String member,
        PartitionLeases all,
        TargetAssignment target,
        Group now,
        KnownPartitions known,
        ToLongFunction<PartitionId> firstOffset)
        implements MemberState.LeasePlan {

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

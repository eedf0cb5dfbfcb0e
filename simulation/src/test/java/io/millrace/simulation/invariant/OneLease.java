package io.millrace.simulation.invariant;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.PartitionId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A group with one partition, which is leased while the group has a member. */
record OneLease(PartitionId key, String holder, CommittedOffset offset) implements Group {

    static final int GENERATION = 3;

    /** Returns a group in which the sender of the commit holds the lease. */
    static Group of(PartitionId key, SentCommit commit) {
        return of(key, commit.member(), commit);
    }

    static Group of(PartitionId key, String holder, SentCommit commit) {
        return new OneLease(key, holder, new CommittedOffset(commit.offset(), -1, commit.text()));
    }

    @Override
    public String id() {
        return "g";
    }

    @Override
    public long claimEpoch() {
        return 1;
    }

    @Override
    public OptionalLong coordinator() {
        return OptionalLong.empty();
    }

    @Override
    public int generation() {
        return 1;
    }

    @Override
    public String protocol() {
        return "";
    }

    @Override
    public ByteString details() {
        return ByteString.EMPTY;
    }

    @Override
    public List<GroupMember> members() {
        return holder.isEmpty()
                ? List.of()
                : List.of(new GroupMember(holder, "", ByteString.EMPTY, ByteString.EMPTY));
    }

    @Override
    public Optional<GroupMember> member(String id) {
        return members().stream().filter(member -> member.id().equals(id)).findFirst();
    }

    @Override
    public List<Long> topics() {
        return List.of(key.topicId());
    }

    @Override
    public List<Integer> partitions(long topicId) {
        return List.of(key.partition());
    }

    @Override
    public Optional<Lease> lease(long topicId, int partition) {
        return holder.isEmpty() ? Optional.empty() : Optional.of(new Lease(holder, GENERATION));
    }

    @Override
    public Optional<CommittedOffset> committed(long topicId, int partition) {
        return Optional.of(offset);
    }
}

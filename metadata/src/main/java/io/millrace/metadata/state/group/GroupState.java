package io.millrace.metadata.state.group;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The state of one consumer group, without validation of changes. */
final class GroupState implements Group {

    private final String id;
    private final LongPredicate isOpen;
    private final GroupTotals totals;
    private final GroupIndex index;
    final TreeMap<String, MemberSlot> slots = new TreeMap<>();
    final TreeMap<Long, GroupPartitions> topics = new TreeMap<>();
    long claimEpoch;
    private boolean claimed;
    private long owner;
    int generation;
    private String protocol = "";
    private ByteString details = ByteString.EMPTY;
    long changedAt;

    /**
     * @param changedAt the entry that creates the group
     */
    GroupState(
            String id, LongPredicate isOpen, GroupTotals totals, GroupIndex index, long changedAt) {
        this.id = id;
        this.isOpen = isOpen;
        this.totals = totals;
        this.index = index;
        this.changedAt = changedAt;
    }

    void claim(long incarnation, long epoch) {
        claimBy(incarnation);
        claimEpoch = epoch;
    }

    private void claimBy(long incarnation) {
        release();
        claimed = true;
        owner = incarnation;
        index.addClaim(incarnation);
    }

    void release() {
        if (claimed) {
            index.removeClaim(owner);
        }
        claimed = false;
        owner = 0;
    }

    boolean isClaimedBy(long incarnation, long epoch) {
        return claimed && owner == incarnation && claimEpoch == epoch;
    }

    void describe(String newProtocol, ByteString newDetails) {
        totals.bytes += newDetails.size() - details.size();
        protocol = newProtocol;
        details = newDetails;
    }

    GroupPartitions topicToWrite(long topicId) {
        return topics.computeIfAbsent(
                topicId,
                absent -> {
                    index.addTopic(id, topicId);
                    return new GroupPartitions(totals);
                });
    }

    void removeMembers(List<String> members) {
        boolean anyLeft = false;
        for (String member : members) {
            MemberSlot seat = slots.remove(member);
            if (seat != null) {
                seat.left = true;
                totals.bytes -= seat.member.detailsBytes();
                anyLeft = true;
            }
        }
        if (anyLeft) {
            topics.values().forEach(GroupPartitions::revokeLeft);
            topics.entrySet()
                    .removeIf(topic -> {
                        boolean empty = topic.getValue().isEmpty();
                        if (empty) {
                            index.removeTopic(id, topic.getKey());
                        }
                        return empty;
                    });
        }
    }

    void putMember(GroupMember member) {
        totals.bytes += member.detailsBytes();
        MemberSlot seat = slots.get(member.id());
        if (seat == null) {
            slots.put(member.id(), new MemberSlot(member));
        } else {
            totals.bytes -= seat.member.detailsBytes();
            seat.member = member;
        }
    }

    void revoke(long topicId, int partition) {
        GroupPartitions partitions = topics.get(topicId);
        if (partitions != null) {
            partitions.revoke(partition);
            if (partitions.isEmpty()) {
                topics.remove(topicId);
                index.removeTopic(id, topicId);
            }
        }
    }

    void deleteOffset(long topicId, int partition) {
        GroupPartitions partitions = topics.get(topicId);
        if (partitions != null) {
            partitions.deleteOffset(partition);
            if (partitions.isEmpty()) {
                topics.remove(topicId);
                index.removeTopic(id, topicId);
            }
        }
    }

    /** Removes leases and offsets in a topic. */
    void forgetTopic(long topicId) {
        GroupPartitions gone = topics.remove(topicId);
        if (gone != null) {
            gone.subtractFromTotals();
            index.removeTopic(id, topicId);
        }
    }

    /** Removes the group from the totals and the index. */
    void forget() {
        release();
        topics.keySet().forEach(topicId -> index.removeTopic(id, topicId));
        topics.values().forEach(GroupPartitions::subtractFromTotals);
        slots.values().forEach(seat -> totals.bytes -= seat.member.detailsBytes());
        totals.bytes -= details.size();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public long claimEpoch() {
        return claimEpoch;
    }

    @Override
    public OptionalLong coordinator() {
        return claimed && isOpen.test(owner) ? OptionalLong.of(owner) : OptionalLong.empty();
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public ByteString details() {
        return details;
    }

    @Override
    public List<GroupMember> members() {
        return slots.values().stream().map(seat -> seat.member).toList();
    }

    @Override
    public Optional<GroupMember> member(String member) {
        return Optional.ofNullable(slots.get(member)).map(seat -> seat.member);
    }

    @Override
    public List<Long> topics() {
        return List.copyOf(topics.keySet());
    }

    @Override
    public List<Integer> partitions(long topicId) {
        GroupPartitions partitions = topics.get(topicId);
        return partitions == null ? List.of() : partitions.used();
    }

    @Override
    public Optional<Lease> lease(long topicId, int partition) {
        GroupPartitions partitions = topics.get(topicId);
        @Nullable MemberSlot holder = partitions == null ? null : partitions.holder(partition);
        return partitions == null || holder == null
                ? Optional.empty()
                : Optional.of(new Lease(holder.member.id(), partitions.generation(partition)));
    }

    @Override
    public Optional<CommittedOffset> committed(long topicId, int partition) {
        GroupPartitions partitions = topics.get(topicId);
        return partitions == null
                ? Optional.empty()
                : Optional.ofNullable(partitions.committed(partition));
    }

    StateSnapshot.Part freeze() {
        long claimEpochNow = claimEpoch;
        boolean claimedNow = claimed;
        long ownerNow = owner;
        int generationNow = generation;
        String protocolNow = protocol;
        ByteString detailsNow = details;
        long changedAtNow = changedAt;
        List<MemberSlot> seatsNow = List.copyOf(slots.values());
        List<GroupMember> membersNow = members();
        TreeMap<Long, GroupPartitions> topicsNow = new TreeMap<>();
        topics.forEach((topicId, partitions) -> topicsNow.put(topicId, partitions.freeze()));
        return out -> {
            out.putString(id);
            out.putLong(claimEpochNow);
            out.putInt(claimedNow ? 1 : 0);
            out.putLong(ownerNow);
            out.putInt(generationNow);
            out.putString(protocolNow);
            out.putBytes(detailsNow.toByteArray());
            out.putLong(changedAtNow);
            out.putInt(membersNow.size());
            Map<MemberSlot, Integer> numbers = new IdentityHashMap<>();
            for (int i = 0; i < membersNow.size(); i++) {
                numbers.put(seatsNow.get(i), i);
                write(membersNow.get(i), out);
            }
            out.putInt(topicsNow.size());
            topicsNow.forEach((topicId, partitions) -> {
                out.putLong(topicId);
                partitions.writeTo(out, numbers);
            });
        };
    }

    private static void write(GroupMember member, SnapshotWriter out) {
        out.putString(member.id());
        out.putString(member.instanceId());
        out.putBytes(member.details().toByteArray());
        out.putBytes(member.assignment().toByteArray());
    }

    static GroupState readFrom(
            SnapshotReader in, LongPredicate isOpen, GroupTotals totals, GroupIndex index) {
        GroupState group = new GroupState(in.getString(), isOpen, totals, index, 0);
        group.claimEpoch = in.getLong();
        boolean claimed = in.getInt() == 1;
        long owner = in.getLong();
        if (claimed) {
            group.claimBy(owner);
        }
        group.generation = in.getInt();
        group.describe(in.getString(), ByteString.copyFrom(in.getBytes()));
        group.changedAt = in.getLong();
        int members = in.getCount();
        for (int i = 0; i < members; i++) {
            group.putMember(
                    new GroupMember(
                            in.getString(),
                            in.getString(),
                            ByteString.copyFrom(in.getBytes()),
                            ByteString.copyFrom(in.getBytes())));
        }
        List<MemberSlot> seats = List.copyOf(group.slots.values());
        int topics = in.getCount();
        for (int i = 0; i < topics; i++) {
            group.topicToWrite(in.getLong()).readFrom(in, seats);
        }
        return group;
    }
}

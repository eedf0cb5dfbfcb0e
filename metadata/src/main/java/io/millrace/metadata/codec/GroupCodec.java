package io.millrace.metadata.codec;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.proto.GroupChanged;
import io.millrace.metadata.proto.OffsetsCommitted;
import io.millrace.metadata.proto.OffsetsDeleted;
import io.millrace.metadata.proto.StoredGroupMember;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The codec of the larger group commands, in columns. */
final class GroupCodec {

    private GroupCodec() {}

    static GroupChanged encode(Command.GroupChanged command) {
        GroupChange change = command.change();
        GroupChanged.Builder out =
                GroupChanged.newBuilder()
                        .setGroup(command.group())
                        .setClaimEpoch(command.claimEpoch())
                        .setGeneration(command.generation())
                        .setProtocol(change.protocol())
                        .setDetails(change.details())
                        .addAllLeft(change.left());
        for (GroupMember member : change.joined()) {
            out.addJoined(
                    StoredGroupMember.newBuilder()
                            .setId(member.id())
                            .setInstanceId(member.instanceId())
                            .setDetails(member.details())
                            .setAssignment(member.assignment()));
        }
        Map<String, Integer> holders = new HashMap<>();
        long topicId = 0;
        int next = 0;
        for (LeaseChange lease : change.leases()) {
            Integer holder = holders.get(lease.member());
            if (holder == null) {
                holder = holders.size();
                holders.put(lease.member(), holder);
                out.addHolder(lease.member());
            }
            out.addLeaseTopicId(lease.topicId() - topicId)
                    .addLeasePartition(lease.partition() - next)
                    .addLeaseHolder(holder);
            topicId = lease.topicId();
            next = lease.partition() + 1;
        }
        return out.build();
    }

    static Command.GroupChanged decode(GroupChanged in) {
        List<GroupMember> joined = new ArrayList<>(in.getJoinedCount());
        for (StoredGroupMember member : in.getJoinedList()) {
            joined.add(
                    new GroupMember(
                            member.getId(),
                            member.getInstanceId(),
                            member.getDetails(),
                            member.getAssignment()));
        }
        List<LeaseChange> leases = new ArrayList<>(in.getLeasePartitionCount());
        long topicId = 0;
        int next = 0;
        for (int i = 0; i < in.getLeasePartitionCount(); i++) {
            topicId += in.getLeaseTopicId(i);
            int partition = next + in.getLeasePartition(i);
            leases.add(new LeaseChange(topicId, partition, in.getHolder(in.getLeaseHolder(i))));
            next = partition + 1;
        }
        return new Command.GroupChanged(
                in.getGroup(),
                in.getClaimEpoch(),
                in.getGeneration(),
                new GroupChange(
                        in.getProtocol(), in.getDetails(), in.getLeftList(), joined, leases));
    }

    static OffsetsCommitted encode(Command.OffsetsCommitted command) {
        OffsetsCommitted.Builder out =
                OffsetsCommitted.newBuilder()
                        .setGroup(command.group())
                        .setMember(command.member())
                        .setGeneration(command.generation())
                        .setNumber(command.number() + 1);
        List<OffsetCommit> commits = command.commits();
        boolean epochs =
                commits.stream()
                        .anyMatch(offsetCommit -> offsetCommit.committed().leaderEpoch() != -1);
        boolean texts =
                commits.stream()
                        .anyMatch(offsetCommit -> !offsetCommit.committed().text().isEmpty());
        long topicId = 0;
        int next = 0;
        for (OffsetCommit commit : commits) {
            out.addTopicId(commit.topicId() - topicId)
                    .addPartition(commit.partition() - next)
                    .addOffset(commit.committed().offset());
            if (epochs) {
                out.addLeaderEpoch(commit.committed().leaderEpoch() + 1);
            }
            if (texts) {
                out.addText(commit.committed().text());
            }
            topicId = commit.topicId();
            next = commit.partition() + 1;
        }
        return out.build();
    }

    static Command.OffsetsCommitted decode(OffsetsCommitted in) {
        List<OffsetCommit> commits = new ArrayList<>(in.getOffsetCount());
        long topicId = 0;
        int next = 0;
        for (int i = 0; i < in.getOffsetCount(); i++) {
            topicId += in.getTopicId(i);
            int partition = next + in.getPartition(i);
            commits.add(
                    new OffsetCommit(
                            topicId,
                            partition,
                            new CommittedOffset(
                                    in.getOffset(i),
                                    in.getLeaderEpochCount() == 0 ? -1 : in.getLeaderEpoch(i) - 1,
                                    in.getTextCount() == 0 ? "" : in.getText(i))));
            next = partition + 1;
        }
        return new Command.OffsetsCommitted(
                in.getGroup(), in.getMember(), in.getGeneration(), in.getNumber() - 1, commits);
    }

    static OffsetsDeleted encode(Command.OffsetsDeleted command) {
        OffsetsDeleted.Builder out = OffsetsDeleted.newBuilder().setGroup(command.group());
        long topicId = 0;
        int next = 0;
        for (PartitionId key : command.partitions()) {
            out.addTopicId(key.topicId() - topicId).addPartition(key.partition() - next);
            topicId = key.topicId();
            next = key.partition() + 1;
        }
        return out.build();
    }

    static Command.OffsetsDeleted decode(OffsetsDeleted in) {
        List<PartitionId> partitions = new ArrayList<>(in.getPartitionCount());
        long topicId = 0;
        int next = 0;
        for (int i = 0; i < in.getPartitionCount(); i++) {
            topicId += in.getTopicId(i);
            int partition = next + in.getPartition(i);
            partitions.add(new PartitionId(topicId, partition));
            next = partition + 1;
        }
        return new Command.OffsetsDeleted(in.getGroup(), partitions);
    }
}

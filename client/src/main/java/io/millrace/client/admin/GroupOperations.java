package io.millrace.client.admin;

import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.cluster.PartitionCall;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.CommitGroupOffsetsResponse;
import io.millrace.protocol.v1.DeleteGroupRequest;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.Earliest;
import io.millrace.protocol.v1.GroupOffset;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.Latest;
import io.millrace.protocol.v1.ListGroupsRequest;
import io.millrace.protocol.v1.ListGroupsResponse;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Administers consumer groups. Thread-safe. Throws {@link MillraceException}s. */
public final class GroupOperations {

    /**
     * The result of an offset reset in a partition.
     *
     * @param before the earlier committed offset; empty without a commit
     * @param after the new committed offset, or the planned offset
     * @param clamped true if the requested offset is not readable, so that the nearest readable
     *     offset was chosen
     * @param problem the reason for an unchanged partition; empty on success
     */
    public record PartitionReset(
            int partition,
            OptionalLong before,
            long after,
            boolean clamped,
            Optional<Problem> problem) {}

    private final IoThread io;
    private final NodeCalls nodes;
    private final Duration timeout;

    public GroupOperations(IoThread io, NodeCalls nodes, Duration timeout) {
        this.io = io;
        this.nodes = nodes;
        this.timeout = timeout;
    }

    /** Returns all groups, by id. */
    public List<GroupDescription.Summary> list() {
        return await(listAsync());
    }

    public CompletableFuture<List<GroupDescription.Summary>> listAsync() {
        List<GroupDescription.Summary> groups = new ArrayList<>();
        return Pages.forEach(
                        token ->
                                callFor("")
                                        .query(
                                                GroupsGrpc.getListGroupsMethod(),
                                                ListGroupsRequest.newBuilder()
                                                        .setPageToken(token)
                                                        .build(),
                                                timeout),
                        page ->
                                page.getGroupsList().stream()
                                        .map(GroupDescription.Summary::of)
                                        .forEach(groups::add),
                        ListGroupsResponse::getNextPageToken)
                .thenApply(done -> groups);
    }

    public GroupDescription describe(String group) {
        return await(describeAsync(group));
    }

    public CompletableFuture<GroupDescription> describeAsync(String group) {
        DescribeGroupRequest request = DescribeGroupRequest.newBuilder().setGroup(group).build();
        return callFor(group)
                .query(GroupsGrpc.getDescribeGroupMethod(), request, timeout)
                .thenApply(GroupDescription::of);
    }

    /** Deletes a group without members, and its offsets. */
    public void delete(String group) {
        await(deleteAsync(group));
    }

    public CompletableFuture<Void> deleteAsync(String group) {
        DeleteGroupRequest request = DeleteGroupRequest.newBuilder().setGroup(group).build();
        return callFor(group)
                .change(
                        GroupsGrpc.getDeleteGroupMethod(),
                        request,
                        timeout,
                        "delete group " + group)
                .thenAccept(response -> {});
    }

    /**
     * Resets the committed offsets of a group without members.
     *
     * @return the results by partition number
     */
    public List<PartitionReset> reset(OffsetReset reset) {
        return await(resetAsync(reset));
    }

    public CompletableFuture<List<PartitionReset>> resetAsync(OffsetReset reset) {
        return callFor(reset.group())
                .change(
                        GroupsGrpc.getResetGroupOffsetsMethod(),
                        request(reset, false),
                        timeout,
                        "reset the offsets of group " + reset.group())
                .thenApply(GroupOperations::toResets)
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(notRepeatable(reset, failure)));
    }

    /** Returns the results of {@link #reset} without changing anything. */
    public List<PartitionReset> planReset(OffsetReset reset) {
        return await(planResetAsync(reset));
    }

    public CompletableFuture<List<PartitionReset>> planResetAsync(OffsetReset reset) {
        return callFor(reset.group())
                .query(GroupsGrpc.getResetGroupOffsetsMethod(), request(reset, true), timeout)
                .thenApply(GroupOperations::toResets);
    }

    /**
     * Commits offsets of a group without members, for clients that assign partitions themselves.
     * Creates the group if missing.
     *
     * @param offsets the offset of the next record to be read, for each partition
     * @return the problems of offsets that are not stored
     */
    public Map<TopicPartition, Problem> commit(String group, Map<TopicPartition, Long> offsets) {
        return await(commitAsync(group, offsets));
    }

    public CompletableFuture<Map<TopicPartition, Problem>> commitAsync(
            String group, Map<TopicPartition, Long> offsets) {
        List<TopicPartition> order = new ArrayList<>(offsets.size());
        CommitGroupOffsetsRequest.Builder request =
                CommitGroupOffsetsRequest.newBuilder().setGroup(group);
        offsets.forEach((partition, offset) -> {
            order.add(partition);
            request.addOffsets(
                    GroupOffset.newBuilder()
                            .setTopic(partition.topic())
                            .setPartition(partition.partition())
                            .setOffset(offset));
        });
        return callFor(group)
                .change(
                        GroupsGrpc.getCommitGroupOffsetsMethod(),
                        request.build(),
                        timeout,
                        "commit offsets of group " + group)
                .thenApply(response -> problems(order, response));
    }

    private static Map<TopicPartition, Problem> problems(
            List<TopicPartition> order, CommitGroupOffsetsResponse response) {
        Map<TopicPartition, Problem> problems = new LinkedHashMap<>();
        for (int i = 0; i < order.size(); i++) {
            if (response.getResults(i).getCode() != 0) {
                problems.put(order.get(i), CallFailures.problemOf(response.getResults(i)));
            }
        }
        return problems;
    }

    private static ResetGroupOffsetsRequest request(OffsetReset reset, boolean dryRun) {
        ResetGroupOffsetsRequest.Builder request =
                ResetGroupOffsetsRequest.newBuilder()
                        .setGroup(reset.group())
                        .setTopic(reset.topic())
                        .addAllPartitions(reset.partitions())
                        .setDryRun(dryRun)
                        .setCreate(reset.create());
        switch (reset.to()) {
            case OffsetReset.Target.ShiftBy(long offsets) -> request.setShiftBy(offsets);
            case OffsetReset.Target.ToPosition(StartPosition place) -> {
                switch (place) {
                    case StartPosition.Beginning() ->
                            request.setEarliest(Earliest.getDefaultInstance());
                    case StartPosition.End() -> request.setLatest(Latest.getDefaultInstance());
                    case StartPosition.Offset(long offset) -> request.setOffset(offset);
                    case StartPosition.Timestamp(long timestampMs) ->
                            request.setTimestampMs(timestampMs);
                }
            }
        }
        return request.build();
    }

    private static List<PartitionReset> toResets(ResetGroupOffsetsResponse response) {
        return response.getPartitionsList().stream()
                .map(each ->
                        new PartitionReset(
                                each.getPartition(),
                                each.hasOldOffset()
                                        ? OptionalLong.of(each.getOldOffset())
                                        : OptionalLong.empty(),
                                each.getNewOffset(),
                                each.getClamped(),
                                each.hasError()
                                        ? Optional.of(CallFailures.problemOf(each.getError()))
                                        : Optional.empty()))
                .toList();
    }

    /** A repeated relative reset would shift the offsets twice. */
    private static MillraceException notRepeatable(OffsetReset reset, Throwable thrown) {
        MillraceException failure = UnaryCalls.failureOf(thrown);
        return failure instanceof MillraceException.OutcomeUnknown
                        && reset.to() instanceof OffsetReset.Target.ShiftBy
                ? new MillraceException.OutcomeUnknown(String.valueOf(failure.getMessage()))
                : failure;
    }

    /** Routes all calls about a group to the same fetch node while available. */
    private PartitionCall callFor(String group) {
        return PartitionCall.of(io, nodes, ClusterNode.Role.FETCH, new TopicPartition(group, 0));
    }

    private <T> T await(CompletableFuture<T> future) {
        return UnaryCalls.await(future, timeout.plusSeconds(1), "The request");
    }
}

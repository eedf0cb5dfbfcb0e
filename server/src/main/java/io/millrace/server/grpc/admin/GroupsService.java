package io.millrace.server.grpc.admin;

import com.google.rpc.Status;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.group.MemberDetails;
import io.millrace.group.admin.GroupAdmin;
import io.millrace.group.admin.GroupCommit;
import io.millrace.group.admin.GroupSnapshot;
import io.millrace.group.admin.GroupSummary;
import io.millrace.group.admin.ResetRequest;
import io.millrace.group.admin.ResetTarget;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.CommitGroupOffsetsResponse;
import io.millrace.protocol.v1.DeleteGroupRequest;
import io.millrace.protocol.v1.DeleteGroupResponse;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupMember;
import io.millrace.protocol.v1.GroupOffset;
import io.millrace.protocol.v1.GroupPartition;
import io.millrace.protocol.v1.GroupState;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.ListGroupsRequest;
import io.millrace.protocol.v1.ListGroupsResponse;
import io.millrace.protocol.v1.OffsetReset;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The service for consumer group administration of the gRPC API, on a fetch node. */
public final class GroupsService implements GrpcService {

    private final GroupAdmin groups;
    private final EventLoop loop;
    private final ClusterView cluster;

    public GroupsService(GroupAdmin groups, EventLoop loop, ClusterView cluster) {
        this.groups = groups;
        this.loop = loop;
        this.cluster = cluster;
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(GroupsGrpc.getServiceDescriptor())
                .method(
                        GroupsGrpc.getListGroupsMethod(),
                        RequestMarshaller.of(ListGroupsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListGroupsResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> list(CallRights.of(call), request)))
                .method(
                        GroupsGrpc.getDescribeGroupMethod(),
                        RequestMarshaller.of(DescribeGroupRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeGroupResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> describe(CallRights.of(call), request)))
                .method(
                        GroupsGrpc.getDeleteGroupMethod(),
                        RequestMarshaller.of(DeleteGroupRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DeleteGroupResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::delete))
                .method(
                        GroupsGrpc.getResetGroupOffsetsMethod(),
                        RequestMarshaller.of(ResetGroupOffsetsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ResetGroupOffsetsResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::reset))
                .method(
                        GroupsGrpc.getCommitGroupOffsetsMethod(),
                        RequestMarshaller.of(CommitGroupOffsetsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(CommitGroupOffsetsResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> commit(CallRights.of(call), request)))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private CompletableFuture<ListGroupsResponse> list(
            CallRights rights, ListGroupsRequest request) {
        boolean all = rights.allowsOnCluster(Operation.DESCRIBE);
        return groups.list(
                        request.getPageToken(),
                        request.getPageSize(),
                        group -> all || mayDescribe(group, rights))
                .thenApply(page ->
                        ListGroupsResponse.newBuilder()
                                .addAllGroups(page.rows().stream().map(this::toWire).toList())
                                .setNextPageToken(page.next())
                                .build());
    }

    private static boolean mayDescribe(String group, CallRights rights) {
        return rights.allows(Operation.DESCRIBE, ResourceType.GROUP, group);
    }

    private CompletableFuture<DescribeGroupResponse> describe(
            CallRights rights, DescribeGroupRequest request) {
        RememberedDecisions described = rights.decisions(Operation.DESCRIBE, ResourceType.TOPIC);
        return groups.describe(request.getGroup()).thenApply(group -> toWire(group, described));
    }

    private CompletableFuture<DeleteGroupResponse> delete(DeleteGroupRequest request) {
        return groups.delete(request.getGroup())
                .thenApply(done -> DeleteGroupResponse.getDefaultInstance());
    }

    private CompletableFuture<ResetGroupOffsetsResponse> reset(ResetGroupOffsetsRequest request) {
        return groups.reset(
                        new ResetRequest(
                                request.getGroup(),
                                request.getTopic(),
                                new HashSet<>(request.getPartitionsList()),
                                target(request),
                                request.getDryRun(),
                                request.getCreate()))
                .thenApply(resets ->
                        ResetGroupOffsetsResponse.newBuilder()
                                .addAllPartitions(
                                        resets.stream().map(GroupsService::toWire).toList())
                                .build());
    }

    private static ResetTarget target(ResetGroupOffsetsRequest request) {
        return switch (request.getToCase()) {
            case EARLIEST -> new ResetTarget.Earliest();
            case LATEST -> new ResetTarget.Latest();
            case OFFSET -> {
                requireOffset("ResetGroupOffsetsRequest", request.getOffset());
                yield new ResetTarget.Offset(request.getOffset());
            }
            case TIMESTAMP_MS -> new ResetTarget.Time(request.getTimestampMs());
            case SHIFT_BY -> new ResetTarget.Relative(request.getShiftBy());
            case TO_NOT_SET ->
                    throw new ProblemException(
                            GrpcErrors.malformed(
                                    "ResetGroupOffsetsRequest",
                                    "set one of earliest, latest, offset, timestamp_ms and"
                                            + " shift_by."));
        };
    }

    private CompletableFuture<CommitGroupOffsetsResponse> commit(
            CallRights rights, CommitGroupOffsetsRequest request) {
        if (request.getOffsetsList().isEmpty()) {
            throw new ProblemException(
                    GrpcErrors.malformed("CommitGroupOffsetsRequest", "offsets is empty."));
        }
        List<GroupCommit> offsets =
                request.getOffsetsList().stream().map(GroupsService::fromWire).toList();
        RememberedDecisions readable = rights.decisions(Operation.READ, ResourceType.TOPIC);
        List<Optional<Problem>> refusals = new ArrayList<>(offsets.size());
        List<GroupCommit> allowed = new ArrayList<>(offsets.size());
        Map<String, Optional<Problem>> refused = new HashMap<>();
        for (GroupCommit each : offsets) {
            if (readable.allows(each.topic())) {
                refusals.add(Optional.empty());
                allowed.add(each);
            } else {
                refusals.add(
                        refused.computeIfAbsent(
                                each.topic(),
                                topic ->
                                        Optional.of(
                                                rights.refuse(
                                                        Operation.READ,
                                                        ResourceType.TOPIC,
                                                        topic))));
            }
        }
        return (allowed.isEmpty()
                        ? CompletableFuture.completedFuture(List.<Optional<Problem>>of())
                        : groups.commit(request.getGroup(), allowed))
                .thenApply(results -> response(refusals, results.iterator()));
    }

    /**
     * @param results the results of the offsets that were not refused
     */
    private static CommitGroupOffsetsResponse response(
            List<Optional<Problem>> refusals, Iterator<Optional<Problem>> results) {
        CommitGroupOffsetsResponse.Builder response = CommitGroupOffsetsResponse.newBuilder();
        for (Optional<Problem> refusal : refusals) {
            response.addResults(status(refusal.isPresent() ? refusal : results.next()));
        }
        return response.build();
    }

    private static GroupCommit fromWire(GroupOffset offset) {
        requireOffset("GroupOffset", offset.getOffset());
        if (offset.getPartition() < 0) {
            throw new ProblemException(
                    GrpcErrors.malformed("GroupOffset", "partition is negative."));
        }
        return new GroupCommit(
                offset.getTopic(),
                offset.getPartition(),
                new CommittedOffset(offset.getOffset(), -1, offset.getMetadata()));
    }

    private static void requireOffset(String message, long offset) {
        if (offset < 0) {
            throw new ProblemException(GrpcErrors.malformed(message, "offset is negative."));
        }
    }

    private static Status status(Optional<Problem> problem) {
        return problem.map(Problem::toStatus).orElse(Status.getDefaultInstance());
    }

    private static OffsetReset toWire(GroupAdmin.PartitionReset reset) {
        OffsetReset.Builder wire =
                OffsetReset.newBuilder()
                        .setPartition(reset.move().partition())
                        .setNewOffset(reset.move().after())
                        .setClamped(reset.move().clamped());
        reset.move().before().ifPresent(wire::setOldOffset);
        reset.problem().map(Problem::toStatus).ifPresent(wire::setError);
        return wire.build();
    }

    private DescribeGroupResponse toWire(GroupSnapshot group, RememberedDecisions described) {
        DescribeGroupResponse.Builder response =
                DescribeGroupResponse.newBuilder()
                        .setSummary(toWire(group.summary()))
                        .setGeneration(group.generation());
        group.members().forEach(member -> response.addMembers(toWire(member)));
        group.partitions().stream()
                .filter(partition -> described.allows(partition.topic()))
                .forEach(partition -> response.addPartitions(toWire(partition)));
        return response.build();
    }

    private static GroupMember toWire(io.millrace.metadata.group.GroupMember member) {
        GroupMember.Builder wire =
                GroupMember.newBuilder()
                        .setMemberId(member.id())
                        .setInstanceId(member.instanceId());
        MemberDetails.decode(member.details())
                .ifPresent(details -> wire.setClientId(details.clientId()).setZone(details.zone()));
        return wire.build();
    }

    private static GroupPartition toWire(GroupSnapshot.Partition partition) {
        GroupPartition.Builder wire =
                GroupPartition.newBuilder()
                        .setTopic(partition.topic())
                        .setPartition(partition.number())
                        .setLogStartOffset(partition.logStartOffset())
                        .setHighWatermark(partition.highWatermark());
        partition.lease().ifPresent(lease -> wire.setMemberId(lease.member()));
        partition
                .committed()
                .ifPresent(committed ->
                        wire.setCommittedOffset(committed.offset()).setMetadata(committed.text()));
        wire.setLagRecords(partition.lag().records());
        partition.lag().ageMs().ifPresent(wire::setLagMs);
        return wire.build();
    }

    private io.millrace.protocol.v1.GroupSummary toWire(GroupSummary group) {
        return io.millrace.protocol.v1.GroupSummary.newBuilder()
                .setGroup(group.id())
                .setState(state(group))
                .setProtocol(group.protocol())
                .setCoordinator(coordinator(group))
                .setMemberCount(group.memberCount())
                .build();
    }

    private static GroupState state(GroupSummary group) {
        return switch (group.status()) {
            case EMPTY -> GroupState.EMPTY;
            case ACTIVE -> GroupState.ACTIVE;
            case UNCOORDINATED -> GroupState.UNCOORDINATED;
        };
    }

    private String coordinator(GroupSummary group) {
        if (group.coordinator().isEmpty()) {
            return "";
        }
        long incarnation = group.coordinator().getAsLong();
        return cluster.members().get().stream()
                .filter(member -> member.incarnation() == incarnation)
                .map(RegisteredNode::node)
                .findFirst()
                .orElse("");
    }
}

package io.millrace.server.grpc.admin;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.metadata.admin.ClusterUpgrade;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.admin.TopicDescription;
import io.millrace.metadata.admin.TrimRequest;
import io.millrace.metadata.admin.TrimResult;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AddPartitionsResponse;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ClusterNode;
import io.millrace.protocol.v1.ConfigureTopicRequest;
import io.millrace.protocol.v1.ConfigureTopicResponse;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.CreateTopicResponse;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DeleteTopicResponse;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import io.millrace.protocol.v1.NodeRole;
import io.millrace.protocol.v1.PartitionDescription;
import io.millrace.protocol.v1.TrimTopicRequest;
import io.millrace.protocol.v1.TrimTopicResponse;
import io.millrace.protocol.v1.TrimmedPartition;
import io.millrace.protocol.v1.UpgradeClusterRequest;
import io.millrace.protocol.v1.UpgradeClusterResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The admin service of the gRPC API, which translates between messages and {@link TopicAdmin} or
 * {@link ClusterUpgrade}.
 */
public final class AdminService implements GrpcService {

    private final TopicAdmin topics;
    private final ClusterUpgrade upgrade;
    private final EventLoop loop;
    private final ClusterView cluster;

    public AdminService(
            TopicAdmin topics, ClusterUpgrade upgrade, EventLoop loop, ClusterView cluster) {
        this.topics = topics;
        this.upgrade = upgrade;
        this.loop = loop;
        this.cluster = cluster;
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(AdminGrpc.getServiceDescriptor())
                .method(
                        AdminGrpc.getCreateTopicMethod(),
                        RequestMarshaller.of(CreateTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(CreateTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> createTopic(CallRights.of(call), request)))
                .method(
                        AdminGrpc.getListTopicsMethod(),
                        RequestMarshaller.of(ListTopicsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListTopicsResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> listTopics(CallRights.of(call), request)))
                .method(
                        AdminGrpc.getDescribeTopicMethod(),
                        RequestMarshaller.of(DescribeTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop,
                                (call, request) -> describeTopic(CallRights.of(call), request)))
                .method(
                        AdminGrpc.getDeleteTopicMethod(),
                        RequestMarshaller.of(DeleteTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DeleteTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::deleteTopic))
                .method(
                        AdminGrpc.getAddPartitionsMethod(),
                        RequestMarshaller.of(AddPartitionsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(AddPartitionsResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop,
                                (call, request) -> addPartitions(CallRights.of(call), request)))
                .method(
                        AdminGrpc.getConfigureTopicMethod(),
                        RequestMarshaller.of(ConfigureTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ConfigureTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop,
                                (call, request) -> configureTopic(CallRights.of(call), request)))
                .method(
                        AdminGrpc.getTrimTopicMethod(),
                        RequestMarshaller.of(TrimTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(TrimTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::trimTopic))
                .method(
                        AdminGrpc.getDescribeClusterMethod(),
                        RequestMarshaller.of(DescribeClusterRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeClusterResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::describeCluster))
                .method(
                        AdminGrpc.getUpgradeClusterMethod(),
                        RequestMarshaller.of(UpgradeClusterRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(UpgradeClusterResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, this::upgradeCluster))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private CompletableFuture<CreateTopicResponse> createTopic(
            CallRights rights, CreateTopicRequest request) {
        int partitions = request.getPartitionCount() == 0 ? 1 : request.getPartitionCount();
        return topics.create(request.getName(), partitions, request.getConfigMap())
                .thenApply(topic ->
                        CreateTopicResponse.newBuilder().setTopic(toWire(topic, rights)).build());
    }

    private CompletableFuture<ListTopicsResponse> listTopics(
            CallRights rights, ListTopicsRequest request) {
        return topics.list(
                        request.getPageToken(),
                        request.getPageSize(),
                        topic -> mayDescribe(topic, rights))
                .thenApply(page ->
                        ListTopicsResponse.newBuilder()
                                .addAllTopics(
                                        page.rows().stream()
                                                .map(topic -> toWire(topic, rights))
                                                .toList())
                                .setNextPageToken(page.next())
                                .build());
    }

    private CompletableFuture<DescribeTopicResponse> describeTopic(
            CallRights rights, DescribeTopicRequest request) {
        boolean first = request.getPageToken().isEmpty();
        return topics.describe(request.getName(), request.getPageToken(), request.getPageSize())
                .thenApply(description -> toWire(description, first, rights));
    }

    private CompletableFuture<DeleteTopicResponse> deleteTopic(DeleteTopicRequest request) {
        return topics.delete(request.getName())
                .thenApply(deleted -> DeleteTopicResponse.getDefaultInstance());
    }

    private CompletableFuture<AddPartitionsResponse> addPartitions(
            CallRights rights, AddPartitionsRequest request) {
        return topics.addPartitions(request.getName(), request.getPartitionCount())
                .thenApply(topic ->
                        AddPartitionsResponse.newBuilder().setTopic(toWire(topic, rights)).build());
    }

    private CompletableFuture<ConfigureTopicResponse> configureTopic(
            CallRights rights, ConfigureTopicRequest request) {
        return topics.configure(
                        request.getName(), request.getSetMap(), Set.copyOf(request.getResetList()))
                .thenApply(topic ->
                        ConfigureTopicResponse.newBuilder()
                                .setTopic(toWire(topic, rights))
                                .build());
    }

    private CompletableFuture<TrimTopicResponse> trimTopic(TrimTopicRequest request) {
        List<TrimRequest> requests =
                request.getPartitionsList().stream()
                        .map(trim -> new TrimRequest(trim.getPartition(), trim.getOffset()))
                        .toList();
        return topics.trim(request.getName(), requests)
                .thenApply(results ->
                        TrimTopicResponse.newBuilder()
                                .addAllPartitions(
                                        results.stream().map(AdminService::toWire).toList())
                                .build());
    }

    private CompletableFuture<DescribeClusterResponse> describeCluster(
            DescribeClusterRequest request) {
        DescribeClusterResponse.Builder response =
                DescribeClusterResponse.newBuilder()
                        .setCluster(cluster.cluster())
                        .setNodeId(cluster.node().get())
                        .setFeatureLevel(cluster.featureLevel().getAsInt());
        cluster.members().get().forEach(member -> response.addNodes(toWire(member)));
        return CompletableFuture.completedFuture(response.build());
    }

    private CompletableFuture<UpgradeClusterResponse> upgradeCluster(
            UpgradeClusterRequest request) {
        OptionalInt level =
                request.getFeatureLevel() == 0
                        ? OptionalInt.empty()
                        : OptionalInt.of(request.getFeatureLevel());
        return upgrade.run(level, request.getDryRun())
                .thenApply(change ->
                        UpgradeClusterResponse.newBuilder()
                                .setFeatureLevelBefore(change.before())
                                .setFeatureLevel(change.after())
                                .build());
    }

    private static DescribeTopicResponse toWire(
            TopicDescription description, boolean first, CallRights rights) {
        DescribeTopicResponse.Builder response =
                DescribeTopicResponse.newBuilder()
                        .setTopic(toWire(description.topic(), rights))
                        .setNextPageToken(description.next());
        for (TopicDescription.Partition partition : description.partitions()) {
            response.addPartitions(
                    PartitionDescription.newBuilder()
                            .setPartition(partition.partition())
                            .setLogStartOffset(partition.logStartOffset())
                            .setHighWatermark(partition.highWatermark())
                            .setSizeBytes(partition.sizeBytes()));
        }
        if (first && mayDescribeSettings(description.topic(), rights)) {
            TopicSettings settings = description.topic().settings();
            for (TopicSetting setting : TopicSetting.values()) {
                if (setting.hasEffect() || settings.isGiven(setting)) {
                    response.addSettings(toWire(setting, settings));
                }
            }
        }
        return response.build();
    }

    private static TrimmedPartition toWire(TrimResult result) {
        return switch (result) {
            case TrimResult.Trimmed(int partition, long logStartOffset) ->
                    TrimmedPartition.newBuilder()
                            .setPartition(partition)
                            .setLogStartOffset(logStartOffset)
                            .build();
            case TrimResult.Rejected(int partition, var problem) ->
                    TrimmedPartition.newBuilder()
                            .setPartition(partition)
                            .setLogStartOffset(-1)
                            .setError(problem.toStatus())
                            .build();
        };
    }

    private static boolean mayDescribe(Topic topic, CallRights rights) {
        return rights.allows(Operation.DESCRIBE, ResourceType.TOPIC, topic.name());
    }

    private static boolean mayDescribeSettings(Topic topic, CallRights rights) {
        return rights.allows(Operation.DESCRIBE_CONFIGS, ResourceType.TOPIC, topic.name());
    }

    /** Leaves out the settings if the caller has no right to see them. */
    private static io.millrace.protocol.v1.Topic toWire(Topic topic, CallRights rights) {
        io.millrace.protocol.v1.Topic.Builder wire =
                io.millrace.protocol.v1.Topic.newBuilder()
                        .setName(topic.name())
                        .setId(topic.id())
                        .setPartitionCount(topic.partitionCount());
        if (mayDescribeSettings(topic, rights)) {
            wire.putAllConfig(topic.settings().given());
        }
        return wire.build();
    }

    private static io.millrace.protocol.v1.TopicSetting toWire(
            TopicSetting setting, TopicSettings of) {
        return io.millrace.protocol.v1.TopicSetting.newBuilder()
                .setKey(setting.key())
                .setValue(of.value(setting))
                .setOverridden(of.isGiven(setting))
                .setDefaultValue(setting.defaultValue())
                .setUnit(setting.unit())
                .setAllowedValues(setting.legalValues().text())
                .setDescription(setting.description())
                .build();
    }

    private static ClusterNode toWire(RegisteredNode member) {
        ClusterNode.Builder node =
                ClusterNode.newBuilder()
                        .setId(member.node())
                        .setZone(member.zone())
                        .setHost(member.host())
                        .setPort(member.port())
                        .setFeatureLevel(member.featureLevel())
                        .setVersion(member.version());
        member.kafka().forEach((listener, address) -> put(node, listener, address));
        member.roles().stream().sorted().map(AdminService::toWire).forEach(node::addRoles);
        return node.build();
    }

    private static void put(ClusterNode.Builder node, KafkaListener listener, NodeAddress address) {
        switch (listener) {
            case INTERNAL -> node.setKafkaHost(address.host()).setKafkaPort(address.port());
            case EXTERNAL ->
                    node.setKafkaExternalHost(address.host()).setKafkaExternalPort(address.port());
        }
    }

    private static NodeRole toWire(Role role) {
        return switch (role) {
            case INGEST -> NodeRole.INGEST;
            case FETCH -> NodeRole.FETCH;
            case COMPACTION -> NodeRole.COMPACTION;
        };
    }
}

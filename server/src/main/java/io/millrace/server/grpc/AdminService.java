package io.millrace.server.grpc;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Topics and nodes, over the API: proposes commands, and answers from what was applied. */
public final class AdminService implements GrpcService {

    private static final int MOST_PARTITIONS = 100_000;

    private final Metadata metadata;
    private final ClusterView cluster;
    private final TopicTrim trim;

    public AdminService(Metadata metadata, ClusterView cluster) {
        this.metadata = metadata;
        this.cluster = cluster;
        this.trim = new TopicTrim(metadata);
    }

    /** The methods, for a server. */
    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(AdminGrpc.getServiceDescriptor())
                .method(
                        AdminGrpc.getCreateTopicMethod(),
                        RequestMarshaller.of(CreateTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(CreateTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::createTopic))
                .method(
                        AdminGrpc.getListTopicsMethod(),
                        RequestMarshaller.of(ListTopicsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListTopicsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::listTopics))
                .method(
                        AdminGrpc.getDescribeTopicMethod(),
                        RequestMarshaller.of(DescribeTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::describeTopic))
                .method(
                        AdminGrpc.getDeleteTopicMethod(),
                        RequestMarshaller.of(DeleteTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DeleteTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::deleteTopic))
                .method(
                        AdminGrpc.getAddPartitionsMethod(),
                        RequestMarshaller.of(AddPartitionsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(AddPartitionsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::addPartitions))
                .method(
                        AdminGrpc.getConfigureTopicMethod(),
                        RequestMarshaller.of(ConfigureTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ConfigureTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::configureTopic))
                .method(
                        AdminGrpc.getTrimTopicMethod(),
                        RequestMarshaller.of(TrimTopicRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(TrimTopicResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::trimTopic))
                .method(
                        AdminGrpc.getDescribeClusterMethod(),
                        RequestMarshaller.of(DescribeClusterRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeClusterResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::describeCluster))
                .bind();
    }

    private CompletableFuture<CreateTopicResponse> createTopic(CreateTopicRequest request) {
        String name = request.getName();
        if (!TopicName.isLegal(name)) {
            throw problem(
                    Reason.INVALID_TOPIC_NAME,
                    "\""
                            + name
                            + "\" is no topic name: take 1 to 249 characters of [a-zA-Z0-9._-], but"
                            + " neither \".\" nor \"..\".");
        }
        int count = request.getPartitionCount() == 0 ? 1 : request.getPartitionCount();
        requirePartitionCount(name, count);
        TopicSettings.parse(request.getConfigMap());
        return propose(new Command.TopicCreated(name, count, request.getConfigMap()))
                .thenApply(outcome ->
                        CreateTopicResponse.newBuilder().setTopic(toWire(ready(outcome))).build());
    }

    private CompletableFuture<ListTopicsResponse> listTopics(ListTopicsRequest request) {
        return metadata.barrier()
                .thenApply(current -> {
                    ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
                    metadata.topics().all().forEach(topic -> response.addTopics(toWire(topic)));
                    return response.build();
                });
    }

    private CompletableFuture<DescribeTopicResponse> describeTopic(DescribeTopicRequest request) {
        return metadata.barrier()
                .thenApply(current -> {
                    Topic topic = existing(request.getName());
                    DescribeTopicResponse.Builder response =
                            DescribeTopicResponse.newBuilder().setTopic(toWire(topic));
                    for (int p = 0; p < topic.partitionCount(); p++) {
                        response.addPartitions(describe(topic, p));
                    }
                    for (TopicSetting setting : TopicSetting.values()) {
                        response.addSettings(toWire(setting, topic.settings()));
                    }
                    return response.build();
                });
    }

    private CompletableFuture<DeleteTopicResponse> deleteTopic(DeleteTopicRequest request) {
        return topic(request.getName())
                .thenCompose(topic -> propose(new Command.TopicDeleted(topic.id())))
                .thenApply(deleted -> DeleteTopicResponse.getDefaultInstance());
    }

    private CompletableFuture<AddPartitionsResponse> addPartitions(AddPartitionsRequest request) {
        requirePartitionCount(request.getName(), request.getPartitionCount());
        return topic(request.getName())
                .thenCompose(topic ->
                        propose(
                                new Command.PartitionsAdded(
                                        topic.id(), request.getPartitionCount())))
                .thenApply(outcome ->
                        AddPartitionsResponse.newBuilder()
                                .setTopic(toWire(ready(outcome)))
                                .build());
    }

    private CompletableFuture<ConfigureTopicResponse> configureTopic(
            ConfigureTopicRequest request) {
        Map<String, String> set = request.getSetMap();
        Set<String> reset = Set.copyOf(request.getResetList());
        // Refused here, what is wrong in itself does not go into the log.
        TopicSettings.DEFAULTS.with(set, reset);
        return topic(request.getName())
                .thenCompose(topic -> propose(new Command.TopicConfigured(topic.id(), set, reset)))
                .thenApply(outcome ->
                        ConfigureTopicResponse.newBuilder()
                                .setTopic(toWire(ready(outcome)))
                                .build());
    }

    private CompletableFuture<TrimTopicResponse> trimTopic(TrimTopicRequest request) {
        if (request.getPartitionsCount() == 0) {
            throw problem(Reason.MALFORMED_REQUEST, "Name at least one partition to trim.");
        }
        return topic(request.getName())
                .thenCompose(topic -> trim.trim(topic, request.getPartitionsList()));
    }

    private CompletableFuture<DescribeClusterResponse> describeCluster(
            DescribeClusterRequest request) {
        DescribeClusterResponse.Builder response =
                DescribeClusterResponse.newBuilder()
                        .setCluster(cluster.cluster())
                        .setNodeId(cluster.node().get());
        cluster.members().get().forEach(member -> response.addNodes(toWire(member)));
        return CompletableFuture.completedFuture(response.build());
    }

    /** The topic of that name; a barrier comes before the answer that there is none. */
    private CompletableFuture<Topic> topic(String name) {
        Optional<Topic> known = metadata.topics().named(name);
        return known.isPresent()
                ? CompletableFuture.completedFuture(known.get())
                : metadata.barrier().thenApply(current -> existing(name));
    }

    private Topic existing(String name) {
        return metadata.topics()
                .named(name)
                .orElseThrow(() ->
                        problem(
                                Reason.UNKNOWN_TOPIC,
                                "There is no topic "
                                        + name
                                        + ": create it first, or check the name."));
    }

    private PartitionDescription describe(Topic topic, int partition) {
        PartitionDescription.Builder description =
                PartitionDescription.newBuilder().setPartition(partition);
        Optional<PartitionLog> log = metadata.view().partition(topic.id(), partition);
        log.ifPresent(known ->
                description
                        .setLogStartOffset(known.logStartOffset())
                        .setHighWatermark(known.highWatermark())
                        .setSizeBytes(known.sizeBytes()));
        return description.build();
    }

    private CompletableFuture<Outcome> propose(Command command) {
        return metadata.propose(command, Metadata.Lane.BACKGROUND).thenApply(Proposal::accepted);
    }

    private static Topic ready(Outcome outcome) {
        return switch (outcome) {
            case Outcome.TopicReady(var topic) -> topic;
            case Outcome.Refused _,
                    Outcome.Block _,
                    Outcome.ProducerIds _,
                    Outcome.GroupClaim _,
                    Outcome.Offsets _,
                    Outcome.Done _ ->
                    throw new IllegalStateException("not a topic: " + outcome);
        };
    }

    private static void requirePartitionCount(String topic, int count) {
        if (count < 1 || count > MOST_PARTITIONS) {
            throw problem(
                    Reason.INVALID_PARTITION_COUNT,
                    "Topic %s cannot have %d partitions: ask for 1 to %d."
                            .formatted(topic, count, MOST_PARTITIONS));
        }
    }

    private static io.millrace.protocol.v1.Topic toWire(Topic topic) {
        return io.millrace.protocol.v1.Topic.newBuilder()
                .setName(topic.name())
                .setId(topic.id())
                .setPartitionCount(topic.partitionCount())
                .putAllConfig(topic.settings().given())
                .build();
    }

    private static io.millrace.protocol.v1.TopicSetting toWire(
            TopicSetting setting, TopicSettings of) {
        return io.millrace.protocol.v1.TopicSetting.newBuilder()
                .setKey(setting.key())
                .setValue(of.value(setting))
                .setGiven(of.given().containsKey(setting.key()))
                .setDefaultValue(setting.fallback())
                .setUnit(setting.unit())
                .setLegal(setting.legal().text())
                .setMeaning(setting.meaning())
                .build();
    }

    private static ClusterNode toWire(Member member) {
        ClusterNode.Builder node =
                ClusterNode.newBuilder()
                        .setId(member.node())
                        .setZone(member.zone())
                        .setHost(member.host())
                        .setPort(member.port());
        member.roles().stream().sorted().map(AdminService::toWire).forEach(node::addRoles);
        return node.build();
    }

    private static NodeRole toWire(Role role) {
        return switch (role) {
            case INGEST -> NodeRole.INGEST;
            case FETCH -> NodeRole.FETCH;
            case COMPACTION -> NodeRole.COMPACTION;
        };
    }

    private static ProblemException problem(Reason reason, String message) {
        return new ProblemException(new Problem(reason, message));
    }
}

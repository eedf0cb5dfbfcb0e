package io.millrace.server.node;

import io.millrace.fetch.subscribe.SubscribeMetrics;
import io.millrace.group.Coordinators;
import io.millrace.group.GroupMetrics;
import io.millrace.group.GroupSessions;
import io.millrace.group.LocalNode;
import io.millrace.group.TopicAccess;
import io.millrace.group.admin.GroupAdmin;
import io.millrace.group.classic.ClassicSettings;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.coordinator.GroupCoordinator;
import io.millrace.group.lag.LagMetrics;
import io.millrace.group.lag.LagSurvey;
import io.millrace.group.routing.RoutedSessions;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.group.GroupApis;
import io.millrace.kafka.group.GroupBackend;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.grpc.admin.GroupsService;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.fetch.AclTopicAccess;
import io.millrace.server.grpc.fetch.SubscriptionService;
import io.millrace.server.grpc.peer.GroupSessionService;
import io.millrace.server.grpc.peer.GrpcSessions;
import io.millrace.server.settings.KafkaSettings;
import io.millrace.server.settings.ServerSettings;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * The consumer groups of a fetch node: the coordinator of claimed groups, and the subscriptions of
 * connected clients.
 */
@SystemAccess("passes the system clock to the group administration")
record GroupRole(
        GroupCoordinator coordinator,
        GroupSessions sessions,
        GroupCommits commits,
        SubscriptionService subscriptions,
        List<GrpcService> services) {

    private static final Logger LOG = Logger.getLogger(GroupRole.class);

    private static final int HAND_OVER_SECONDS = 2;

    private static final int MEMBER_ID_BYTES = 16;

    static GroupRole open(NodeContext context, FetchRole fetch) {
        MetadataReplica metadata = context.metadata();
        NodeMembership status = context.status();
        GroupMetrics metrics = new GroupMetrics(context.registry());
        GroupCommits commits = new GroupCommits(metadata, metrics);
        TopicAccess access = AclTopicAccess.of(context.access().authorizer());
        GroupCoordinator coordinator =
                new GroupCoordinator(
                        metadata,
                        new LocalNode(
                                status::liveNodes,
                                status::node,
                                status::isLive,
                                status.leaseDuration(),
                                GroupRole::servesKafka),
                        key -> zoneOf(key, status, metadata),
                        commits,
                        access,
                        ClassicSettings.DEFAULT.withInitialDelay(
                                times(context.settings()).initialDelay()),
                        context.random(),
                        metrics);
        coordinator.open();
        surveyLag(context);
        GroupSessions sessions = routedSessions(context, coordinator, commits);
        SubscriptionService subscriptions =
                new SubscriptionService(
                        fetch.node(),
                        metadata,
                        sessions,
                        access,
                        fetch.outbound(),
                        new SubscribeMetrics(context.registry()));
        GroupAdmin admin =
                new GroupAdmin(
                        metadata, commits, fetch.node()::listOffsets, InstantSource.system());
        return new GroupRole(
                coordinator,
                sessions,
                commits,
                subscriptions,
                List.of(
                        new GroupsService(admin, context.loop(), context.view()),
                        new GroupSessionService(
                                coordinator, metadata, context.cluster(), context.authentication()),
                        subscriptions));
    }

    /** Returns the handlers of the group requests of Kafka clients. */
    List<ApiHandler<?, ?>> kafkaHandlers(NodeContext context, KafkaNodes nodes, TopicIds ids) {
        return GroupApis.handlers(
                new GroupBackend(
                        context.metadata(),
                        coordinator.classicGroups(),
                        sessions,
                        commits,
                        coordinators(context),
                        nodes,
                        context.status()::node,
                        ids),
                times(context.settings()),
                () -> {
                    byte[] id = new byte[MEMBER_ID_BYTES];
                    context.random().nextBytes(id);
                    return HexFormat.of().formatHex(id);
                });
    }

    /** Without a Kafka port there are no classic groups and no members of KIP-848. */
    private static GroupTimes times(ServerSettings settings) {
        return settings.kafka().map(KafkaSettings::groupTimes).orElse(GroupTimes.DEFAULT);
    }

    private static RoutedSessions routedSessions(
            NodeContext context, GroupCoordinator coordinator, GroupCommits commits) {
        NodeMembership status = context.status();
        GrpcSessions remote =
                new GrpcSessions(
                        context.channels(),
                        context.loop(),
                        context.cluster(),
                        commits,
                        context.authentication().credentials(),
                        status::liveNodes);
        return new RoutedSessions(
                context.metadata(),
                coordinator,
                context.closing().add(remote),
                coordinators(context),
                status::node);
    }

    private static Coordinators coordinators(NodeContext context) {
        return new Coordinators(
                context.metadata(), context.status()::liveNodes, GroupRole::servesKafka);
    }

    private static boolean servesKafka(RegisteredNode node) {
        return node.servesKafka();
    }

    private static void surveyLag(NodeContext context) {
        new LagSurvey(
                        context.metadata(),
                        coordinators(context),
                        InstantSource.system(),
                        context.settings().groups().lagPartitions(),
                        new LagMetrics(context.registry()))
                .start();
    }

    /** Clients resume the subscriptions at other nodes. */
    void endSubscriptions() {
        subscriptions.endAll();
    }

    /** Waits briefly for the releases. */
    void handOver() {
        try {
            coordinator.close().get(HAND_OVER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException late) {
            LOG.warn(
                    "Not all consumer groups were handed over in time; other nodes take over the"
                            + " rest after this node has left.");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the zone of the fetch node that serves the partition to clients without a zone. */
    private static String zoneOf(PartitionId key, NodeMembership status, Metadata metadata) {
        Map<String, String> zones = new HashMap<>();
        for (RegisteredNode member : status.liveNodes()) {
            if (member.roles().contains(Role.FETCH)) {
                zones.put(member.node(), member.zone());
            }
        }
        return metadata.topics()
                .withId(key.topicId())
                .map(Topic::name)
                .flatMap(name ->
                        Rendezvous.first(zones.keySet(), Rendezvous.keyOf(name, key.partition())))
                .map(node -> zones.getOrDefault(node, ""))
                .orElse("");
    }
}

package io.millrace.server.node;

import io.millrace.kafka.auth.AnonymousIdentity;
import io.millrace.kafka.auth.ClientIdentities;
import io.millrace.kafka.auth.SaslMechanism;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.RegisteredKafkaNodes;
import io.millrace.kafka.cluster.TopicCreation;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiRegistry;
import io.millrace.kafka.connection.ClientIdentity;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.KafkaPipeline;
import io.millrace.kafka.connection.ListenerContext;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.ZoneResolver;
import io.millrace.kafka.topic.AutomaticTopics;
import io.millrace.kafka.topic.NodeConfig;
import io.millrace.metadata.admin.NodeNumbering;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.methods.AuthenticationSettings;
import io.millrace.security.authentication.scram.DecoyCredentials;
import io.millrace.security.authentication.scram.ScramAuthenticator;
import io.millrace.server.grpc.GrpcEndpoint;
import io.millrace.server.grpc.auth.ClientAuthentication;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.tls.GrpcTls;
import io.millrace.server.grpc.tls.ListenerTls;
import io.millrace.server.kafka.AuditedRequests;
import io.millrace.server.kafka.KafkaEndpoint;
import io.millrace.server.kafka.KafkaHandlers;
import io.millrace.server.kafka.KafkaParts;
import io.millrace.server.kafka.SharedInboundBytes;
import io.millrace.server.settings.KafkaSettings;
import io.millrace.server.settings.ListenerSettings;
import io.millrace.server.settings.LogLocation;
import io.millrace.server.settings.ServerSettings;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Opens the Kafka listeners of a node. */
final class KafkaListeners {

    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final NodeContext context;
    private final ApiRegistry registry;
    private final GrpcEndpoint grpc;
    private final ConnectionIds connections;
    private final Optional<ClientAccess> authentication;

    private KafkaListeners(
            NodeContext context,
            ApiRegistry registry,
            GrpcEndpoint grpc,
            ConnectionIds connections,
            Optional<ClientAccess> authentication) {
        this.context = context;
        this.registry = registry;
        this.grpc = grpc;
        this.connections = connections;
        this.authentication = authentication;
    }

    /**
     * Starts to serve Kafka clients.
     *
     * @param grpc the endpoint whose limit of received bytes is shared
     * @param authentication empty to serve all clients
     */
    static KafkaEndpoint open(
            NodeContext context,
            KafkaSettings settings,
            IngestRole ingest,
            FetchRole fetch,
            GroupRole groups,
            GrpcEndpoint grpc,
            ConnectionIds connections,
            Optional<ClientAccess> authentication) {
        KafkaListeners listeners =
                new KafkaListeners(
                        context,
                        KafkaHandlers.of(parts(context, settings, ingest, fetch, groups)),
                        grpc,
                        connections,
                        authentication);
        KafkaEndpoint endpoint =
                new KafkaEndpoint(
                        context.loops().group(), context.memory().maxCalls(), context.registry());
        context.closing().add(() -> endpoint.close(1000));
        for (ListenerSettings each : settings.listeners()) {
            listeners.open(endpoint, each, settings.zones());
        }
        return endpoint;
    }

    private void open(KafkaEndpoint endpoint, ListenerSettings settings, ZoneResolver zones) {
        ConnectionMetrics metrics = new ConnectionMetrics(context.registry(), settings.listener());
        registry.handlers().forEach(handler -> metrics.register(handler.api()));
        ListenerContext listener =
                new ListenerContext(
                        settings.listener(),
                        registry,
                        identities(settings.authentication()),
                        context.access().authorizer(),
                        new AuditedRequests(context.access().audit()),
                        context.access().quotas(),
                        zones,
                        new SharedInboundBytes(grpc.inbound()),
                        ConnectionLimits.STANDARD,
                        metrics,
                        connections::next);
        Optional<ListenerTls> tls = tls(settings);
        String host = context.settings().host();
        try {
            endpoint.open(
                    settings.listener(),
                    new InetSocketAddress(host, settings.port()),
                    new KafkaPipeline(
                            listener, channel -> tls.ifPresent(with -> encrypt(with, channel))),
                    metrics);
        } catch (IOException taken) {
            throw new StartFailure(
                    StartFailure.cannotListen(
                            host, settings.port(), "Kafka clients", settings.portSetting().flag()));
        }
    }

    /** Returns the TLS of the gRPC port if a listener has the same settings. */
    private Optional<ListenerTls> tls(ListenerSettings settings) {
        return settings.tls().equals(context.settings().tls())
                ? context.tls().map(GrpcTls::listener)
                : settings.tls()
                        .map(own ->
                                ListenerTls.start(
                                        own,
                                        "kafka-" + settings.listener().text(),
                                        context.loop(),
                                        context.workers(),
                                        context.registry(),
                                        context.access().audit()));
    }

    private static void encrypt(ListenerTls tls, Channel channel) {
        tls.handshakes().observe(channel);
        channel.pipeline().addLast(tls.newHandler(channel.alloc(), HANDSHAKE_TIMEOUT));
    }

    private ClientIdentity.Source identities(AuthenticationSettings settings) {
        return authentication
                .flatMap(access -> access.of(settings))
                .<ClientIdentity.Source>map(clients -> identities(clients, settings.methods()))
                .orElse(AnonymousIdentity::of);
    }

    private ClientIdentities identities(
            ClientAuthentication clients, Set<AuthenticationMethod> methods) {
        ScramAuthenticator scram =
                new ScramAuthenticator(
                        context.metadata()::scramCredentials,
                        new DecoyCredentials(context.status().secret()),
                        context.random());
        return new ClientIdentities(
                clients.authenticator(),
                clients.listener(),
                Stream.of(SaslMechanism.values())
                        .filter(mechanism -> methods.contains(mechanism.method()))
                        .toList(),
                Optional.of(scram),
                clients.clock());
    }

    /**
     * Waits until the log has given this node a number, without which no client is sent to the
     * node.
     */
    static void number(NodeContext context) {
        Replicas.await(
                LoopCalls.call(
                        context.loop(),
                        () ->
                                new NodeNumbering(context.metadata())
                                        .number(context.status().node())));
    }

    private static KafkaParts parts(
            NodeContext context,
            KafkaSettings settings,
            IngestRole ingest,
            FetchRole fetch,
            GroupRole groups) {
        TopicAdmin topics = new TopicAdmin(context.metadata());
        TopicCreation creation =
                settings.createsTopics()
                        ? new AutomaticTopics(topics, settings.partitions())
                        : TopicCreation.OFF;
        NodeMembership status = context.status();
        KafkaNodes nodes =
                new RegisteredKafkaNodes(
                        status::liveNodes,
                        node -> context.metadata().nodeNumbers().numberOf(node),
                        status::node);
        TopicIds ids = new TopicIds(status.identity());
        return new KafkaParts(
                context.loop(),
                context.metadata(),
                topics,
                creation,
                ids,
                nodes,
                ingest.node(),
                fetch.node(),
                groups.kafkaHandlers(context, nodes, ids),
                context.access().quotas(),
                context.random(),
                context.memory().outboundBytes(),
                new NodeConfig(
                        zone(context.settings()),
                        settings.createsTopics(),
                        settings.partitions(),
                        settings.groupTimes()),
                context.settings().bucket().toString(),
                context.registry());
    }

    private static String zone(ServerSettings settings) {
        return switch (settings.log()) {
            case LogLocation.Folder _ -> "";
            case LogLocation.Cluster cluster -> cluster.zone();
        };
    }
}

package io.millrace.server.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.rewrite.CodecCheck;
import io.millrace.metadata.admin.ClusterUpgrade;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.identity.OwnedBucket;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.Tracer;
import io.millrace.server.grpc.GrpcEndpoint;
import io.millrace.server.grpc.GrpcListener;
import io.millrace.server.grpc.access.AccessControl;
import io.millrace.server.grpc.admin.AdminService;
import io.millrace.server.grpc.admin.BucketService;
import io.millrace.server.grpc.admin.ClusterView;
import io.millrace.server.grpc.admin.NodeUsage;
import io.millrace.server.grpc.admin.SecurityService;
import io.millrace.server.grpc.auth.ClientAuthentication;
import io.millrace.server.grpc.auth.NodeAuthentication;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.grpc.call.CallMetrics;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.NodeChannels;
import io.millrace.server.grpc.flow.InboundMemory;
import io.millrace.server.grpc.peer.GrpcPeers;
import io.millrace.server.grpc.tls.GrpcTls;
import io.millrace.server.grpc.trace.TracedService;
import io.millrace.server.health.HealthFacts;
import io.millrace.server.health.HealthReport;
import io.millrace.server.health.LoopHeartbeats;
import io.millrace.server.kafka.KafkaEndpoint;
import io.millrace.server.settings.LogLocation;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.trace.OtlpTracer;
import io.millrace.storage.object.BucketContact;
import io.millrace.storage.stream.SealedObjectSink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The components of one process. Opened, drained and closed by one thread, which may block. */
@SystemAccess("passes the system clock and threads to the components")
public final class Node implements AutoCloseable {

    private static final Duration READINESS_INTERVAL = Duration.ofSeconds(1);

    private final NodeContext context;
    private final Roles roles;
    private final GrpcEndpoint endpoint;
    private final Optional<KafkaEndpoint> kafka;
    private final LoopHeartbeats heartbeats;
    private volatile boolean stopping;

    private Node(
            NodeContext context,
            Roles roles,
            GrpcEndpoint endpoint,
            Optional<KafkaEndpoint> kafka) {
        this.context = context;
        this.roles = roles;
        this.endpoint = endpoint;
        this.kafka = kafka;
        this.heartbeats = context.loops().heartbeats();
        context.loop().schedule(READINESS_INTERVAL, this::reportReadiness);
    }

    private record Roles(
            Optional<IngestRole> ingest,
            Optional<FetchRole> fetch,
            Optional<GroupRole> groups,
            Optional<CompactionRole> compaction,
            List<GrpcService> services) {}

    /**
     * Opens all components and starts to serve. Requests are answered once this method returns.
     *
     * @param directBytes the direct memory, divided between inbound and outbound messages
     * @throws StartFailure if the node cannot start; nothing is left open
     */
    public static Node open(ServerSettings settings, MeterRegistry registry, long directBytes) {
        return open(settings, NodeVersion.named(""), registry, directBytes);
    }

    /** Opens a node of a given version, otherwise as above. */
    public static Node open(
            ServerSettings settings,
            NodeVersion version,
            MeterRegistry registry,
            long directBytes) {
        CloseStack closing = new CloseStack();
        try {
            return open(settings, version, registry, directBytes, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw new StartFailure(StartFailure.sentence(failure));
        }
    }

    private static Node open(
            ServerSettings settings,
            NodeVersion version,
            MeterRegistry registry,
            long directBytes,
            CloseStack closing) {
        NodeContext context = context(settings, version, registry, directBytes, closing);
        ConnectionIds connections = new ConnectionIds();
        Roles roles = openRoles(context, connections);
        InboundMemory inbound =
                new InboundMemory(
                        context.memory().inboundBytes(),
                        context.memory().windowBytes(),
                        context.memory().maxCalls(),
                        roles.ingest()
                                .<Consumer<Runnable>>map(ingest -> ingest.node()::whenRoom)
                                .orElse(Runnable::run));
        Optional<ClientAccess> authentication = ClientAccess.open(context);
        GrpcEndpoint endpoint =
                serve(
                        context,
                        connections,
                        context.metrics().calls(),
                        authentication.flatMap(access -> access.of(settings.authentication())),
                        roles.services(),
                        inbound);
        watch(endpoint, registry);
        NodeMembership status = context.status();
        ClusterMetrics.register(status::liveNodes, registry);
        LoopDelay.register(context.loop(), registry);
        closing.add(() -> endpoint.close(1000));
        Optional<KafkaEndpoint> kafka =
                settings.kafka()
                        .map(given ->
                                KafkaListeners.open(
                                        context,
                                        given,
                                        roles.ingest().orElseThrow(),
                                        roles.fetch().orElseThrow(),
                                        roles.groups().orElseThrow(),
                                        endpoint,
                                        connections,
                                        authentication));
        status.join(endpoint.port(), kafka.map(KafkaEndpoint::ports).orElse(Map.of()));
        kafka.ifPresent(port -> KafkaListeners.number(context));
        return new Node(context, roles, endpoint, kafka);
    }

    private static NodeContext context(
            ServerSettings settings,
            NodeVersion version,
            MeterRegistry registry,
            long directBytes,
            CloseStack closing) {
        NodeMetrics metrics = NodeMetrics.of(registry);
        EventLoops loops = closing.add(new EventLoops(metrics.tasks()));
        EventLoop loop = loops.owner();
        ExecutorService workers =
                closing.add(
                        Executors.newFixedThreadPool(
                                // At least two, so that a long check does not stop compression.
                                Math.max(2, Runtime.getRuntime().availableProcessors()),
                                Thread.ofPlatform().name("millrace-compress-", 0).factory()));
        // Runs beside the start of the metadata, which does not need it.
        Future<Optional<String>> codecs = workers.submit(CodecCheck::problem);
        Disk disk = new SystemDisk();
        SecureRandom random = new SecureRandom();
        Buckets.Stores bucket =
                Buckets.open(settings, disk, loop, workers, random, metrics.bucket(), closing);
        NodeMembership status =
                switch (settings.log()) {
                    case LogLocation.Folder(var data) ->
                            StandaloneNode.open(
                                    settings,
                                    version,
                                    data,
                                    loop,
                                    disk,
                                    bucket.metadata(),
                                    registry,
                                    random,
                                    closing);
                    case LogLocation.Cluster place ->
                            ClusteredNode.open(
                                    settings,
                                    version,
                                    place,
                                    loop,
                                    bucket.metadata(),
                                    registry,
                                    random,
                                    closing);
                };
        AccessControl access =
                AccessControls.open(settings, status.metadata(), loop, registry, closing);
        NodeAuthentication authentication =
                new NodeAuthentication(
                        status.secret(),
                        status.metadata()::incarnation,
                        loop,
                        registry,
                        access.audit());
        Optional<GrpcTls> tls =
                settings.tls()
                        .map(files ->
                                GrpcTls.start(files, loop, workers, registry, access.audit()));
        NodeChannels channels =
                new NodeChannels(
                        loops.group(),
                        tls.map(GrpcTls::nodes).orElseGet(ChannelSecurity.Plaintext::new));
        requireWorking(codecs);
        return new NodeContext(
                settings,
                status,
                loops,
                workers,
                disk,
                new OwnedBucket(bucket.records(), settings.cluster(), status.identity()),
                authentication,
                tls,
                channels,
                access,
                closing.add(
                        new GrpcPeers(channels, settings.cluster(), authentication.credentials())),
                new ClusterView(
                        settings.cluster(),
                        status::node,
                        status::liveNodes,
                        status.metadata()::featureLevel),
                random,
                new NodeMemory(
                        Runtime.getRuntime().maxMemory(),
                        directBytes,
                        settings.memory().forRoles(status.roles())),
                tracer(settings, loop, closing),
                metrics,
                closing);
    }

    private static void requireWorking(Future<Optional<String>> codecs) {
        try {
            codecs.get()
                    .ifPresent(problem -> {
                        throw new StartFailure(problem);
                    });
        } catch (ExecutionException bug) {
            throw new IllegalStateException("The check of the codecs failed", bug.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the start was interrupted.");
        }
    }

    private static Tracer tracer(ServerSettings settings, EventLoop loop, CloseStack closing) {
        // Without tracing, no class of OpenTelemetry is loaded.
        return settings.tracing()
                .<Tracer>map(tracing ->
                        closing.add(
                                OtlpTracer.open(
                                        tracing,
                                        settings.cluster(),
                                        settings.host() + ":" + settings.grpcPort(),
                                        loop::nanoTime)))
                .orElse(Tracer.OFF);
    }

    private static List<GrpcService> traced(NodeContext context, List<GrpcService> services) {
        Tracer tracer = context.tracer();
        return tracer.isOn()
                ? services.stream()
                        .<GrpcService>map(service ->
                                new TracedService(service, tracer, context.loop()::nanoTime))
                        .toList()
                : services;
    }

    private static Roles openRoles(NodeContext context, ConnectionIds connections) {
        Set<Role> wanted = context.status().roles();
        List<GrpcService> services = new ArrayList<>(administration(context));
        Optional<FetchRole> fetch = Optional.empty();
        Optional<GroupRole> groups = Optional.empty();
        if (wanted.contains(Role.FETCH)) {
            FetchRole reads = FetchRole.open(context);
            GroupRole subscribers = GroupRole.open(context, reads);
            services.addAll(reads.services());
            services.addAll(subscribers.services());
            fetch = Optional.of(reads);
            groups = Optional.of(subscribers);
        }
        Optional<CompactionRole> compaction = Optional.empty();
        if (wanted.contains(Role.COMPACTION)) {
            RecentObjects recent =
                    fetch.map(reads -> reads.recentObjects(context.loop()))
                            .orElse(RecentObjects.NONE);
            compaction = Optional.of(CompactionRole.open(context, recent));
        }
        Optional<IngestRole> ingest = Optional.empty();
        if (wanted.contains(Role.INGEST)) {
            SealedObjectSink sealed =
                    fetch.<SealedObjectSink>map(FetchRole::node).orElse(SealedObjectSink.NONE);
            IngestRole writes = IngestRole.open(context, sealed, connections);
            services.addAll(writes.services());
            ingest = Optional.of(writes);
        }
        return new Roles(ingest, fetch, groups, compaction, traced(context, services));
    }

    private static List<GrpcService> administration(NodeContext context) {
        EventLoop loop = context.loop();
        NodeMetrics metrics = context.metrics();
        NodeUsage usage =
                new NodeUsage(
                        context.status()::node,
                        loop,
                        loop.nanoTime(),
                        metrics.bucket(),
                        metrics.ingest()::bytes,
                        metrics.fetch()::bytesOut);
        return List.of(
                new AdminService(
                        new TopicAdmin(context.metadata()),
                        new ClusterUpgrade(context.metadata(), context.status()::liveNodes),
                        loop,
                        context.view()),
                new SecurityService(context.metadata(), context.access().authorizer()::decide),
                new BucketService(
                        context.metadata(),
                        context.bucket(),
                        context.cluster(),
                        context.workers(),
                        usage));
    }

    private static void watch(GrpcEndpoint endpoint, MeterRegistry registry) {
        Gauge.builder("millrace.grpc.inbound", endpoint, GrpcEndpoint::inboundBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.grpc.waiting", endpoint, GrpcEndpoint::waitingConnections)
                .baseUnit("connections")
                .register(registry);
        FunctionCounter.builder(
                        "millrace.grpc.calls.rejected", endpoint, GrpcEndpoint::rejectedCalls)
                .register(registry);
        Gauge.builder("millrace.grpc.connections", endpoint, GrpcEndpoint::connections)
                .register(registry);
        FunctionCounter.builder(
                        "millrace.grpc.connections.refused",
                        endpoint,
                        GrpcEndpoint::refusedConnections)
                .register(registry);
        FunctionCounter.builder(
                        "millrace.grpc.connections.evicted",
                        endpoint,
                        GrpcEndpoint::evictedConnections)
                .register(registry);
    }

    private static GrpcEndpoint serve(
            NodeContext context,
            ConnectionIds connections,
            CallMetrics metrics,
            Optional<ClientAuthentication> authentication,
            List<GrpcService> services,
            InboundMemory inbound) {
        ServerSettings settings = context.settings();
        try {
            return GrpcEndpoint.start(
                    GrpcListener.of(
                            new InetSocketAddress(settings.host(), settings.grpcPort()),
                            context.tls().map(GrpcTls::listener)),
                    context.loops().group(),
                    context.loop(),
                    inbound,
                    connections,
                    metrics,
                    authentication,
                    context.access(),
                    services);
        } catch (IOException taken) {
            throw new StartFailure(
                    StartFailure.cannotListen(
                            settings.host(), settings.grpcPort(), "gRPC", "--grpc-port"));
        }
    }

    /** Starts the periodic compaction jobs, if this node has the role. */
    public void compact() {
        roles.compaction().ifPresent(CompactionRole::start);
    }

    /**
     * Runs the compaction jobs once, as far as work is assigned to this node; fails if a job
     * failed.
     */
    public CompletableFuture<CompactionSummary> compactOnce() {
        return roles.compaction()
                .map(CompactionRole::runOnce)
                .orElseGet(() ->
                        CompletableFuture.failedFuture(
                                new StartFailure("this node does not have the role compaction.")));
    }

    /** Returns the credentials of this node for calls to other nodes, and to itself in tests. */
    public NodeCredentials credentials() {
        return context.authentication().credentials();
    }

    public int grpcPort() {
        return endpoint.port();
    }

    /** Returns the port of a Kafka listener; empty if off. */
    public OptionalInt kafkaPort(KafkaListener listener) {
        return kafka.map(KafkaEndpoint::ports).stream()
                .filter(ports -> ports.containsKey(listener))
                .mapToInt(ports -> ports.get(listener))
                .findFirst();
    }

    /** Returns the port of the internal Kafka listener; empty if off. */
    public OptionalInt kafkaPort() {
        return kafkaPort(KafkaListener.INTERNAL);
    }

    /** Completes with the reason once only a new process can serve. Completions must not block. */
    public CompletableFuture<Problem> stopped() {
        return context.status().stopped();
    }

    /** Returns the facts about the health of this node, which serves. Any thread. */
    public HealthFacts health() {
        long now = context.loop().nanoTime();
        BucketContact bucket = context.metrics().bucket().contact();
        return new HealthFacts(
                HealthFacts.Phase.SERVING,
                heartbeats.silence(),
                context.metadata().age(),
                bucket.readOutage(now),
                bucket.writeOutage(now),
                context.metadata().dispute());
    }

    /** Lets the health service of gRPC follow the readiness. On the owner's loop. */
    private void reportReadiness() {
        if (!stopping) {
            endpoint.reportReady(HealthReport.ready(health()).isUp());
            context.loop().schedule(READINESS_INTERVAL, this::reportReadiness);
        }
    }

    /** Returns the node's part of the ready line. */
    public String description() {
        return context.status().description();
    }

    /** Stops accepting requests and finishes accepted requests within the drain timeout. */
    public void drain() {
        stopping = true;
        roles.groups().ifPresent(GroupRole::endSubscriptions);
        roles.groups().ifPresent(GroupRole::handOver);
        context.status().withdraw();
        endpoint.stopAccepting();
        kafka.ifPresent(KafkaEndpoint::stopAccepting);
        roles.ingest().ifPresent(ingest -> ingest.drain(context.settings().drainTimeout()));
        // Last, because the other nodes declare a node that leaves dead and reject its blocks.
        context.status().leave();
    }

    @Override
    public void close() {
        stopping = true;
        context.closing().close();
    }
}

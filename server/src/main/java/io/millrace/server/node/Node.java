package io.millrace.server.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.merge.RecentObjects;
import io.millrace.fetch.FetchMetrics;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchSettings;
import io.millrace.fetch.Nearby;
import io.millrace.fetch.Zone;
import io.millrace.fetch.group.Coordinators;
import io.millrace.fetch.group.GroupAdmin;
import io.millrace.fetch.group.GroupMetrics;
import io.millrace.fetch.group.LagMetrics;
import io.millrace.fetch.group.LagSurvey;
import io.millrace.fetch.group.RoutedSessions;
import io.millrace.fetch.subscribe.SubscribeMetrics;
import io.millrace.ingest.IngestMetrics;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.IngestSettings;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.Edge;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.runtime.loop.Loop;
import io.millrace.server.grpc.AdminService;
import io.millrace.server.grpc.Announcements;
import io.millrace.server.grpc.BucketService;
import io.millrace.server.grpc.ClusterView;
import io.millrace.server.grpc.ConnectionIds;
import io.millrace.server.grpc.FetchService;
import io.millrace.server.grpc.GroupSessionService;
import io.millrace.server.grpc.GroupsService;
import io.millrace.server.grpc.GrpcEndpoint;
import io.millrace.server.grpc.GrpcPeers;
import io.millrace.server.grpc.GrpcService;
import io.millrace.server.grpc.GrpcSessions;
import io.millrace.server.grpc.InboundMemory;
import io.millrace.server.grpc.IngestService;
import io.millrace.server.grpc.NodeUsage;
import io.millrace.server.grpc.SubscriptionService;
import io.millrace.server.settings.LogPlace;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StorageMetrics;
import io.millrace.storage.stream.SealedObjectSink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Everything that one process runs. Opened, drained and closed by one thread, which may block. */
@Edge("hands the machine's clock and threads to the parts")
public final class Node implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Node.class);

    /** Shares of direct memory; the rest is for its own rounding, the bucket and HTTP. */
    private static final int ARRIVING_PERCENT = 32;

    private static final int WINDOWS_PERCENT = 28;
    private static final int LEAVING_PERCENT = 20;
    private static final int HAND_OVER_SECONDS = 2;

    private final ServerSettings settings;
    private final Closing closing;
    private final Loop loop;
    private final Standing standing;
    private final Optional<IngestNode> ingest;
    private final Optional<GroupNode> groups;
    private final Optional<SubscriptionService> subscriptions;
    private final Optional<Compaction> compaction;
    private final GrpcEndpoint endpoint;

    private Node(
            ServerSettings settings,
            Closing closing,
            Loop loop,
            Standing standing,
            Optional<IngestNode> ingest,
            Optional<GroupNode> groups,
            Optional<SubscriptionService> subscriptions,
            Optional<Compaction> compaction,
            GrpcEndpoint endpoint) {
        this.settings = settings;
        this.closing = closing;
        this.loop = loop;
        this.standing = standing;
        this.ingest = ingest;
        this.groups = groups;
        this.subscriptions = subscriptions;
        this.compaction = compaction;
        this.endpoint = endpoint;
    }

    /**
     * Opens the parts, and serves. When it returns, requests are answered.
     *
     * @param directBytes of direct memory, to be shared by what arrives and what leaves
     * @throws StartFailure saying why that is not possible; nothing is left open then
     */
    public static Node open(ServerSettings settings, MeterRegistry registry, long directBytes) {
        Closing closing = new Closing();
        try {
            return open(settings, registry, directBytes, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw new StartFailure(StartFailure.sentence(failure));
        }
    }

    private static Node open(
            ServerSettings settings, MeterRegistry registry, long direct, Closing closing) {
        EventLoops loops = closing.add(new EventLoops());
        Loop loop = loops.owner();
        ExecutorService workers =
                closing.add(
                        Executors.newFixedThreadPool(
                                Runtime.getRuntime().availableProcessors(),
                                Thread.ofPlatform().name("millrace-compress-", 0).factory()));
        Disk disk = new SystemDisk();
        SecureRandom random = new SecureRandom();
        StorageMetrics requests = new StorageMetrics(registry);
        ObjectStore store = Buckets.open(settings, disk, loop, random, requests, closing);
        Standing standing =
                switch (settings.log()) {
                    case LogPlace.Folder(var data) ->
                            Alone.open(
                                    settings, data, loop, disk, store, registry, random, closing);
                    case LogPlace.Cluster place ->
                            InCluster.open(settings, place, loop, store, registry, random, closing);
                };
        MetadataReplica metadata = standing.metadata();
        long heap = Runtime.getRuntime().maxMemory();
        ServerSettings.Memory memory = settings.memory().of(standing.roles());
        List<GrpcService> services = new ArrayList<>();
        ClusterView cluster =
                new ClusterView(settings.cluster(), standing::node, standing::members);
        services.add(new AdminService(metadata, cluster));
        FetchMetrics fetchMetrics = new FetchMetrics(registry);
        IngestMetrics ingestMetrics = new IngestMetrics(registry);
        services.add(
                new BucketService(
                        metadata,
                        store,
                        settings.cluster(),
                        workers,
                        new NodeUsage(
                                standing::node,
                                loop,
                                loop.nanoTime(),
                                requests,
                                ingestMetrics::bytes,
                                fetchMetrics::bytesOut)));
        GrpcPeers peers = closing.add(new GrpcPeers(loops.group(), settings.cluster()));
        SealedObjectSink sealed = SealedObjectSink.NONE;
        RecentObjects recent = RecentObjects.NONE;
        Optional<GroupNode> groups = Optional.empty();
        Optional<SubscriptionService> subscriptions = Optional.empty();
        if (standing.roles().contains(Role.FETCH)) {
            FetchNode fetch =
                    new FetchNode(
                            FetchSettings.of(
                                    settings.cluster(),
                                    heap * memory.hotCachePercent() / 100,
                                    heap * memory.coldCachePercent() / 100),
                            metadata,
                            store,
                            loop,
                            new Nearby(
                                    DiskCaches.open(settings, disk, loop, registry, heap, closing),
                                    new Zone(standing::members, standing::node, peers)),
                            fetchMetrics);
            sealed = fetch;
            recent = id -> CompletableFuture.supplyAsync(() -> fetch.recent(id), loop);
            FetchService reads = new FetchService(fetch, loop, direct * LEAVING_PERCENT / 100);
            Gauge.builder("millrace.grpc.leaving", reads, FetchService::leavingBytes)
                    .baseUnit("bytes")
                    .strongReference(true)
                    .register(registry);
            services.add(reads);
            services.add(reads.forPeers(settings.cluster()));
            GroupNode group =
                    GroupNode.open(standing, metadata, random, new GroupMetrics(registry));
            groups = Optional.of(group);
            GroupAdmin admin =
                    new GroupAdmin(
                            metadata, group.commits(), fetch::listOffsets, InstantSource.system());
            services.add(new GroupsService(admin, loop, cluster));
            SubscriptionService subscribers =
                    reads.forSubscribers(
                            metadata,
                            new RoutedSessions(
                                    metadata,
                                    group.coordinator(),
                                    closing.add(
                                            new GrpcSessions(
                                                    loops.group(),
                                                    loop,
                                                    settings.cluster(),
                                                    group.commits())),
                                    new Coordinators(metadata, standing::members),
                                    standing::node),
                            new SubscribeMetrics(registry));
            services.add(
                    new GroupSessionService(group.coordinator(), metadata, settings.cluster()));
            services.add(subscribers);
            subscriptions = Optional.of(subscribers);
            new LagSurvey(
                            metadata,
                            new Coordinators(metadata, standing::members),
                            InstantSource.system(),
                            settings.groups().lagPartitions(),
                            new LagMetrics(registry))
                    .start();
        }
        long mostExtents = settings.merges().mostExtents(heap);
        Optional<Compaction> compaction = Optional.empty();
        if (standing.roles().contains(Role.COMPACTION)) {
            compaction =
                    Optional.of(
                            new Compaction(
                                    settings,
                                    metadata,
                                    store,
                                    connections ->
                                            Buckets.openForMerges(
                                                    settings,
                                                    store,
                                                    connections,
                                                    loop,
                                                    random,
                                                    requests,
                                                    closing),
                                    recent,
                                    new CompactionDuties(standing::members),
                                    heap * memory.mergePercent() / 100,
                                    mostExtents,
                                    new ProducersHere(ingestMetrics),
                                    registry,
                                    closing));
        }
        ConnectionIds connections = new ConnectionIds();
        Optional<IngestNode> ingest = Optional.empty();
        if (standing.roles().contains(Role.INGEST)) {
            IngestNode node =
                    new IngestNode(
                            ingestSettings(settings, heap * memory.ingestPercent() / 100),
                            metadata,
                            store,
                            () -> (double) metadata.objects().extents() / mostExtents,
                            loop,
                            InstantSource.system(),
                            workers,
                            new Announcements(
                                    sealed, standing::members, standing::node, peers, registry),
                            ingestMetrics);
            ingest = Optional.of(node);
            services.add(new IngestService(node, loop, connections));
        }
        InboundMemory inbound =
                new InboundMemory(
                        direct * ARRIVING_PERCENT / 100,
                        direct * WINDOWS_PERCENT / 100,
                        ingest.<Consumer<Runnable>>map(node -> node::whenRoom)
                                .orElse(Runnable::run));
        GrpcEndpoint endpoint = serve(settings, loops, connections, services, inbound);
        watch(endpoint, registry);
        Gauge.builder("millrace.cluster.nodes", standing, all -> all.members().size())
                .strongReference(true)
                .register(registry);
        closing.add(() -> endpoint.close(1000));
        standing.join(endpoint.port());
        return new Node(
                settings,
                closing,
                loop,
                standing,
                ingest,
                groups,
                subscriptions,
                compaction,
                endpoint);
    }

    private static void watch(GrpcEndpoint endpoint, MeterRegistry registry) {
        Gauge.builder("millrace.grpc.arriving", endpoint, GrpcEndpoint::arrivingBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.grpc.waiting", endpoint, GrpcEndpoint::waitingConnections)
                .baseUnit("connections")
                .register(registry);
        FunctionCounter.builder("millrace.grpc.calls.refused", endpoint, GrpcEndpoint::refusedCalls)
                .register(registry);
        Gauge.builder("millrace.grpc.connections", endpoint, GrpcEndpoint::connections)
                .register(registry);
        FunctionCounter.builder(
                        "millrace.grpc.connections.refused",
                        endpoint,
                        GrpcEndpoint::refusedConnections)
                .register(registry);
    }

    private static IngestSettings ingestSettings(ServerSettings settings, long memoryBytes) {
        IngestSettings profile =
                IngestSettings.of(settings.profile(), settings.cluster(), memoryBytes);
        return new IngestSettings(
                profile.cluster(),
                profile.profile(),
                profile.targetBytes(),
                profile.linger(),
                profile.minLinger(),
                profile.wholeLingerBytes(),
                profile.wholeLingerUploads(),
                profile.maxBatchesPerBlock(),
                profile.maxUploads(),
                profile.memoryLimitBytes(),
                settings.uploadTimeout());
    }

    private static GrpcEndpoint serve(
            ServerSettings settings,
            EventLoops loops,
            ConnectionIds connections,
            List<GrpcService> services,
            InboundMemory inbound) {
        try {
            return GrpcEndpoint.start(
                    new InetSocketAddress(settings.host(), settings.grpcPort()),
                    loops.group(),
                    loops.owner(),
                    inbound,
                    connections,
                    services);
        } catch (IOException taken) {
            throw new StartFailure(
                    StartFailure.cannotListen(
                            settings.host(), settings.grpcPort(), "gRPC", "--grpc-port"));
        }
    }

    /** Looks after old data from now on, if that is what it does. */
    public void compact() {
        compaction.ifPresent(Compaction::start);
    }

    /**
     * Looks after old data once, as far as that is due now and not the duty of another node.
     *
     * @return fails if not all of it could be done
     */
    public CompletableFuture<Compacted> compactOnce() {
        return compaction
                .map(Compaction::once)
                .orElseGet(() ->
                        CompletableFuture.failedFuture(
                                new StartFailure("this node does not compact.")));
    }

    /** The port on which gRPC is served. */
    public int grpcPort() {
        return endpoint.port();
    }

    /**
     * Completes with the reason once this node can never serve again; a new process may. Nothing
     * may block where it completes.
     */
    public CompletableFuture<Problem> stopped() {
        return standing.stopped();
    }

    /** Where it keeps what, and who it is to others: for the line that says that it is ready. */
    public String description() {
        return standing.description();
    }

    /** Takes nothing new, and brings to its end what was accepted, as far as the time allows. */
    public void drain() {
        subscriptions.ifPresent(SubscriptionService::end);
        // Once it has left, the others take it for dead.
        groups.ifPresent(this::handOver);
        standing.leave();
        endpoint.stopAccepting();
        ingest.ifPresent(this::drain);
    }

    private void handOver(GroupNode node) {
        try {
            node.coordinator().close().get(HAND_OVER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException late) {
            LOG.warn("not all consumer groups could be handed over; others take them up later");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain(IngestNode node) {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        Duration timeout = settings.drainTimeout();
        loop.execute(() ->
                node.drain(timeout)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                drained.complete(null);
                            } else {
                                drained.completeExceptionally(failure);
                            }
                        }));
        try {
            drained.get(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            LOG.warnf("not everything that was accepted could be finished: %s", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.close();
    }
}

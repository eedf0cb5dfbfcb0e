package io.millrace.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.admin.AclOperations;
import io.millrace.client.admin.BucketOperations;
import io.millrace.client.admin.ClusterOperations;
import io.millrace.client.admin.GroupOperations;
import io.millrace.client.admin.QuotaOperations;
import io.millrace.client.admin.ScramOperations;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.cluster.ClusterDescription;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.cluster.NodeDiscovery;
import io.millrace.client.cluster.PinnedNode;
import io.millrace.client.cluster.SilenceLimits;
import io.millrace.client.connection.BearerTokens;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.observation.ClientObservation;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.retry.Backoff;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A client of a Millrace server or cluster. Discovers the live nodes through any configured
 * address, prefers nodes of its zone, and fails over. Connects at the first request. Thread-safe,
 * with a single I/O thread. The caller closes producers, readers and subscriptions before the
 * client.
 */
@SystemAccess(
        "creates the client's thread and randomness, and reads the system clock for producers")
public final class MillraceClient implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final Duration INITIAL_CALL_BACKOFF = Duration.ofMillis(20);
    private static final Duration MAX_CALL_BACKOFF = Duration.ofSeconds(1);
    private static final Duration INITIAL_DISCOVERY_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_DISCOVERY_BACKOFF = Duration.ofSeconds(5);

    private final ClientSettings settings;
    private final ClientObservation observation;
    private final ClientMetrics.Registration registration;
    private final ChannelSecurity security;
    private final EventLoopGroup group;
    private final IoThread io;
    private final Connections connections;
    private final NodeCalls nodes;
    private final AnyNodeCaller anyNode;
    private final TopicOperations topics;
    private final GroupOperations groups;
    private final BucketOperations bucket;
    private final AclOperations acls;
    private final QuotaOperations quotas;
    private final ScramOperations scram;
    private final ClusterOperations cluster;

    private MillraceClient(
            ClientSettings settings, ClientObservation observation, SilenceLimits silence) {
        this.settings = settings;
        this.observation = observation;
        this.security = ChannelSecurity.of(settings.tls());
        this.group = new NioEventLoopGroup(1, new DefaultThreadFactory("millrace-client", true));
        this.io = new IoThread(group.next());
        this.connections = new Connections(this::connection);
        this.registration = observation.metrics().clientOpened(connections::count);
        this.nodes =
                settings.discover()
                        ? new NodeDiscovery(
                                settings,
                                io,
                                connections,
                                silence,
                                Backoff.jittered(
                                        INITIAL_DISCOVERY_BACKOFF,
                                        MAX_DISCOVERY_BACKOFF,
                                        new SplittableRandom()),
                                new SplittableRandom())
                        : new PinnedNode(connections.to(settings.addresses().getFirst()));
        this.anyNode = new AnyNodeCaller(nodes);
        this.topics = new TopicOperations(anyNode, settings.requestTimeout());
        this.groups = new GroupOperations(io, nodes, settings.requestTimeout());
        this.bucket =
                new BucketOperations(
                        nodes, connections, this::describeCluster, settings.requestTimeout());
        this.acls = new AclOperations(anyNode, settings.requestTimeout());
        this.quotas = new QuotaOperations(anyNode, settings.requestTimeout());
        this.scram = new ScramOperations(anyNode, settings.requestTimeout());
        this.cluster = new ClusterOperations(anyNode, settings.requestTimeout());
    }

    private Connection connection(ClientSettings.Address address) {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < settings.limits().connections(); i++) {
            channels.add(channel(address));
        }
        return new Connection(address, channels);
    }

    private ManagedChannel channel(ClientSettings.Address address) {
        NettyChannelBuilder builder =
                security.apply(NettyChannelBuilder.forAddress(address.host(), address.port()))
                        .eventLoopGroup(group)
                        .channelType(NioSocketChannel.class)
                        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                        .directExecutor()
                        .flowControlWindow(settings.limits().flowControlWindowBytes())
                        .maxInboundMessageSize(settings.limits().maxMessageBytes())
                        // A vanished machine closes no connections; keepalive detects it.
                        .keepAliveTime(20, TimeUnit.SECONDS)
                        .keepAliveTimeout(10, TimeUnit.SECONDS);
        settings.tokens().ifPresent(tokens -> builder.intercept(new BearerTokens(tokens)));
        return builder.build();
    }

    /**
     * Returns a client with default settings.
     *
     * @param address {@code HOST:PORT}, or several separated by commas
     */
    public static MillraceClient connect(String address) {
        return connect(ClientSettings.of(address));
    }

    /**
     * Returns a client.
     *
     * @throws io.millrace.runtime.tls.TlsFileException if a file of the TLS settings cannot be used
     */
    public static MillraceClient connect(ClientSettings settings) {
        return connect(settings, ClientObservation.NONE);
    }

    /** Returns a client that reports its metrics and continues traces. */
    public static MillraceClient connect(ClientSettings settings, ClientObservation observation) {
        return new MillraceClient(settings, observation, SilenceLimits.DEFAULT);
    }

    static MillraceClient connect(ClientSettings settings, SilenceLimits silence) {
        return new MillraceClient(settings, ClientObservation.NONE, silence);
    }

    public String address() {
        return settings.address();
    }

    public TopicOperations topics() {
        return topics;
    }

    public GroupOperations groups() {
        return groups;
    }

    public BucketOperations bucket() {
        return bucket;
    }

    public AclOperations acls() {
        return acls;
    }

    public QuotaOperations quotas() {
        return quotas;
    }

    public ScramOperations scram() {
        return scram;
    }

    public ClusterOperations cluster() {
        return cluster;
    }

    public ClusterDescription describeCluster() {
        Duration timeout = settings.requestTimeout();
        return UnaryCalls.await(describeClusterAsync(), timeout.plusSeconds(1), "The request");
    }

    public CompletableFuture<ClusterDescription> describeClusterAsync() {
        return anyNode.query(
                        AdminGrpc.getDescribeClusterMethod(),
                        DescribeClusterRequest.getDefaultInstance(),
                        settings.requestTimeout())
                .thenApply(ClusterDescription::of);
    }

    public Producer producer() {
        return producer(ProducerSettings.defaults());
    }

    public Producer producer(ProducerSettings producerSettings) {
        return new Producer(
                producerSettings,
                io,
                InstantSource.system(),
                topics,
                nodes,
                connections,
                backoff(),
                observation);
    }

    public Reader reader(
            ReaderSettings readerSettings, Map<TopicPartition, StartPosition> partitions) {
        return new Reader(
                readerSettings,
                io,
                nodes,
                connections,
                partitions,
                backoff(),
                observation.metrics());
    }

    /**
     * Joins a consumer group. Delivery is at least once, from the beginning of partitions without a
     * committed offset, with automatic commits.
     *
     * @param group the id of the group, 1 to 255 bytes
     * @param names the names of the topics, which must exist
     */
    public Subscription subscribe(String group, Collection<String> names, BatchHandler handler) {
        if (group.isEmpty()) {
            throw new IllegalArgumentException(
                    "The group must not be empty; to subscribe without a group, use SubscriptionSettings.withoutGroup");
        }
        return subscribe(SubscriptionSettings.of(group, names).build(), handler);
    }

    public Subscription subscribe(SubscriptionSettings subscription, BatchHandler handler) {
        return subscribe(subscription, handler, new SubscriptionListener() {});
    }

    public Subscription subscribe(
            SubscriptionSettings subscription,
            BatchHandler handler,
            SubscriptionListener listener) {
        return subscribe(
                subscription,
                handler,
                listener,
                task -> Thread.ofVirtual().name("millrace-handler").start(task));
    }

    /**
     * Subscribes with handler and listener on an executor, by default with virtual threads. With a
     * single thread, partitions are handled in turn.
     */
    public Subscription subscribe(
            SubscriptionSettings subscription,
            BatchHandler handler,
            SubscriptionListener listener,
            Executor executor) {
        return new Subscription(
                subscription,
                settings.zone(),
                io,
                nodes,
                connections,
                backoff(),
                new TopicPartition(
                        "subscription-" + Long.toHexString(new SplittableRandom().nextLong()), 0),
                executor,
                handler,
                listener,
                observation.metrics());
    }

    private static Backoff backoff() {
        return Backoff.jittered(INITIAL_CALL_BACKOFF, MAX_CALL_BACKOFF, new SplittableRandom());
    }

    /** Closes all connections. Unstored records of open producers fail, and so do waiting polls. */
    @Override
    public void close() {
        registration.close();
        connections.close();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}

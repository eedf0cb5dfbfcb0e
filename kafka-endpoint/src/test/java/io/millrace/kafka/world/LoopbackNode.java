package io.millrace.kafka.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.group.Coordinators;
import io.millrace.group.GroupMetrics;
import io.millrace.group.LocalNode;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.coordinator.GroupCoordinator;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.cluster.ApiVersionsHandler;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.MetadataHandler;
import io.millrace.kafka.cluster.TopicCreation;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ApiRegistry;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.InboundBytes;
import io.millrace.kafka.connection.KafkaPipeline;
import io.millrace.kafka.connection.ListenerContext;
import io.millrace.kafka.connection.RequestAudit;
import io.millrace.kafka.connection.TestIdentities;
import io.millrace.kafka.connection.ZoneResolver;
import io.millrace.kafka.fetch.FetchHandler;
import io.millrace.kafka.fetch.FetchLimits;
import io.millrace.kafka.fetch.KafkaFetchMetrics;
import io.millrace.kafka.fetch.ListOffsetsHandler;
import io.millrace.kafka.fetch.OffsetForLeaderEpochHandler;
import io.millrace.kafka.group.GroupApis;
import io.millrace.kafka.group.GroupBackend;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.kafka.produce.DescribeProducersHandler;
import io.millrace.kafka.produce.InitProducerIdHandler;
import io.millrace.kafka.produce.ProduceHandler;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.replica.LevelPolicy;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.loop.ExecutorEventLoop;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import io.millrace.storage.object.MemoryObjectStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A node with all handlers of records and groups on a port of the loopback interface. Its log and
 * its bucket are in memory.
 */
final class LoopbackNode implements AutoCloseable {

    private final NioEventLoopGroup group = new NioEventLoopGroup(2);
    private final List<KafkaNode> nodes = new ArrayList<>();
    private final Metadata metadata;
    private final Channel server;

    LoopbackNode() throws Exception {
        EventLoop first = group.next();
        ExecutorEventLoop loop = new ExecutorEventLoop(first, first::inEventLoop);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        metadata =
                first.submit(() ->
                                MetadataReplica.open(
                                        loop,
                                        new InMemoryMetadataLog(
                                                loop, new InMemoryMetadataLog.Storage()),
                                        new ReplicaSettings(
                                                Duration.ofSeconds(30),
                                                Duration.ofSeconds(10),
                                                Duration.ofSeconds(1),
                                                Duration.ofDays(7),
                                                Duration.ofDays(7),
                                                Duration.ZERO,
                                                Long.MAX_VALUE,
                                                FeatureLevels.ALL,
                                                LevelPolicy.AUTOMATIC),
                                        Membership.SINGLE_NODE,
                                        new MetadataMetrics(meters),
                                        new SplittableRandom(1)))
                        .get()
                        .get(10, TimeUnit.SECONDS);
        MemoryObjectStore bucket = new MemoryObjectStore();
        FetchNode fetch =
                first.submit(() ->
                                new FetchNode(
                                        new FetchSettings(
                                                "test", 64 << 20, 4 << 20, 64 << 10, 4, 256 << 10,
                                                0, 100, 64 << 20),
                                        metadata,
                                        bucket,
                                        loop,
                                        new FetchMetrics(meters)))
                        .get();
        IngestNode ingest =
                new IngestNode(
                        IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                        metadata,
                        bucket,
                        () -> 0,
                        loop,
                        InstantSource.system(),
                        loop,
                        fetch,
                        new IngestMetrics(meters));
        TopicIds ids = new TopicIds(new ClusterId("0123456789abcdef0123456789abcdef"));
        KafkaNodes known =
                new KafkaNodes() {
                    @Override
                    public List<KafkaNode> live(KafkaListener listener) {
                        return nodes;
                    }

                    @Override
                    public int self() {
                        return 1;
                    }
                };
        QuotaEnforcement quotas = new QuotaEnforcement(metadata::quotas, System::nanoTime);
        List<ApiHandler<?, ?>> handlers =
                new ArrayList<>(
                        List.of(
                                new ProduceHandler(
                                        ingest,
                                        loop,
                                        metadata,
                                        ids,
                                        known,
                                        new SequenceGaps(
                                                Duration.ofSeconds(60), 100, loop::nanoTime),
                                        quotas),
                                new InitProducerIdHandler(ingest, loop),
                                new DescribeProducersHandler(metadata),
                                new FetchHandler(
                                        fetch,
                                        metadata,
                                        ids,
                                        known,
                                        FetchLimits.of(64 << 20),
                                        quotas,
                                        new Random(1)::nextInt,
                                        new KafkaFetchMetrics(
                                                new SimpleMeterRegistry(),
                                                FetchLimits.of(64 << 20))),
                                new ListOffsetsHandler(fetch, metadata),
                                new OffsetForLeaderEpochHandler(metadata),
                                new MetadataHandler(metadata, known, ids, TopicCreation.OFF)));
        handlers.addAll(groupHandlers(metadata, known, ids));
        handlers.add(new ApiVersionsHandler(handlers, known, ids));
        server =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(new KafkaPipeline(listener(handlers), channel -> {}))
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        nodes.add(new KafkaNode(1, "one", "127.0.0.1", port(), ""));
    }

    private List<ApiHandler<?, ?>> groupHandlers(Metadata replica, KafkaNodes known, TopicIds ids) {
        Supplier<List<RegisteredNode>> registered =
                () ->
                        List.of(
                                new RegisteredNode(
                                        "one",
                                        replica.incarnation(),
                                        EnumSet.allOf(Role.class),
                                        "",
                                        "127.0.0.1",
                                        1,
                                        FeatureLevels.ALL.newest(),
                                        0,
                                        "",
                                        Map.of(
                                                KafkaListener.INTERNAL,
                                                new NodeAddress("127.0.0.1", 1)),
                                        1));
        GroupMetrics metrics = new GroupMetrics(new SimpleMeterRegistry());
        GroupCommits commits = new GroupCommits(replica, metrics);
        GroupCoordinator coordinator =
                new GroupCoordinator(
                        replica,
                        new LocalNode(registered, () -> "one", () -> true, Duration.ofSeconds(5)),
                        key -> "",
                        commits,
                        new Random(1),
                        metrics);
        coordinator.open();
        AtomicLong lastId = new AtomicLong();
        return GroupApis.handlers(
                new GroupBackend(
                        replica,
                        coordinator.classicGroups(),
                        coordinator,
                        commits,
                        new Coordinators(replica, registered),
                        known,
                        () -> "one",
                        ids),
                GroupTimes.DEFAULT,
                () -> "generated-" + lastId.incrementAndGet());
    }

    private static ListenerContext listener(List<ApiHandler<?, ?>> handlers) {
        return new ListenerContext(
                KafkaListener.INTERNAL,
                new ApiRegistry(handlers),
                TestIdentities.ANONYMOUS,
                Authorizer.OPEN,
                RequestAudit.NONE,
                new QuotaEnforcement(() -> Quotas.NONE, () -> 0),
                ZoneResolver.NONE,
                InboundBytes.UNLIMITED,
                ConnectionLimits.STANDARD,
                new ConnectionMetrics(new SimpleMeterRegistry(), KafkaListener.INTERNAL),
                new AtomicLong()::incrementAndGet);
    }

    void createTopic(String name, int partitions) throws Exception {
        Proposal created =
                metadata.propose(
                                new Command.TopicCreated(name, partitions, Map.of()),
                                Metadata.Priority.BACKGROUND)
                        .get(10, TimeUnit.SECONDS);
        assertThat(created).isInstanceOf(Proposal.Applied.class);
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
}

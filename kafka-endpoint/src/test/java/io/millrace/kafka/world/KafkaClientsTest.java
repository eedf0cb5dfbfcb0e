package io.millrace.kafka.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
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
import io.millrace.kafka.connection.Refusals;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ApiRegistry;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.InboundBytes;
import io.millrace.kafka.connection.KafkaPipeline;
import io.millrace.kafka.connection.ListenerContext;
import io.millrace.kafka.connection.Refusals;
import io.millrace.kafka.connection.TestIdentities;
import io.millrace.kafka.connection.ZoneResolver;
import io.millrace.kafka.fetch.FetchHandler;
import io.millrace.kafka.fetch.FetchLimits;
import io.millrace.kafka.fetch.ListOffsetsHandler;
import io.millrace.kafka.fetch.OffsetForLeaderEpochHandler;
import io.millrace.kafka.produce.DescribeProducersHandler;
import io.millrace.kafka.produce.InitProducerIdHandler;
import io.millrace.kafka.produce.ProduceHandler;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.Membership;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The producer and consumer of Kafka against the handlers of records, on real connections. */
@Timeout(120)
class KafkaClientsTest {

    private static final int PARTITIONS = 20;

    private final NioEventLoopGroup group = new NioEventLoopGroup(2);
    private final List<KafkaNode> nodes = new ArrayList<>();
    private Channel server;

    @BeforeEach
    void start() throws Exception {
        EventLoop first = group.next();
        ExecutorEventLoop loop = new ExecutorEventLoop(first, first::inEventLoop);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Metadata metadata =
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
        Proposal created =
                metadata.propose(
                                new Command.TopicCreated("orders", PARTITIONS, Map.of()),
                                Metadata.Priority.BACKGROUND)
                        .get(10, TimeUnit.SECONDS);
        assertThat(created).isInstanceOf(Proposal.Applied.class);
        MemoryObjectStore bucket = new MemoryObjectStore();
        FetchNode fetch =
                first.submit(() ->
                                new FetchNode(
                                        new FetchSettings(
                                                "test",
                                                64 << 20,
                                                4 << 20,
                                                64 << 10,
                                                4,
                                                256 << 10,
                                                0,
                                                100,
                                                64 << 20),
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
                    public List<KafkaNode> live() {
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
                                        new Random(1)::nextInt),
                                new ListOffsetsHandler(fetch, metadata),
                                new OffsetForLeaderEpochHandler(metadata),
                                new MetadataHandler(metadata, known, ids, TopicCreation.OFF)));
        handlers.add(new ApiVersionsHandler(handlers));
        server =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new KafkaPipeline(listener(handlers), channel -> {}))
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        nodes.add(new KafkaNode(1, "one", "127.0.0.1", port(), ""));
    }

    private static ListenerContext listener(List<ApiHandler<?, ?>> handlers) {
        return new ListenerContext(
                "test",
                new ApiRegistry(handlers),
                TestIdentities.ANONYMOUS,
                Authorizer.OPEN,
                Refusals.NONE,
                ZoneResolver.NONE,
                InboundBytes.UNLIMITED,
                ConnectionLimits.STANDARD,
                new ConnectionMetrics(new SimpleMeterRegistry()),
                new AtomicLong()::incrementAndGet);
    }

    private int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @AfterEach
    void stop() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private KafkaProducer<String, String> producer(String codec) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + port(),
                        "compression.type",
                        codec,
                        "enable.idempotence",
                        "true"),
                new StringSerializer(),
                new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + port(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatAProducerSendsAConsumerReadsInOrder(String codec) throws Exception {
        int count = 5_000;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(codec)) {
            for (int i = 0; i < count; i++) {
                ProducerRecord<String, String> record =
                        new ProducerRecord<>("orders", i % PARTITIONS, "k" + i, "value " + i);
                record.headers().add("h", ("" + i).getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
        }
        for (int i = 0; i < count; i++) {
            assertThat(sent.get(i).get().offset()).isEqualTo(i / PARTITIONS);
        }
        try (KafkaConsumer<String, String> consumer = consumer()) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                all.add(new TopicPartition("orders", partition));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            int read = 0;
            long[] next = new long[PARTITIONS];
            while (read < count) {
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofSeconds(1))) {
                    int partition = record.partition();
                    assertThat(record.offset()).isEqualTo(next[partition]);
                    long number = next[partition]++ * PARTITIONS + partition;
                    assertThat(record.value()).isEqualTo("value " + number);
                    assertThat(record.leaderEpoch()).hasValue(1);
                    read++;
                }
            }
            assertThat(consumer.endOffsets(all).values())
                    .allMatch(end -> end == count / PARTITIONS);
        }
    }

    @Test
    void aConsumerFollowsAProducerAndFindsTimes() throws Exception {
        TopicPartition partition = new TopicPartition("orders", 3);
        try (KafkaProducer<String, String> producer = producer("none");
                KafkaConsumer<String, String> consumer = consumer()) {
            consumer.assign(List.of(partition));
            for (int i = 0; i < 20; i++) {
                producer.send(new ProducerRecord<>("orders", 3, 1_000L + i, "k", "v" + i)).get();
                List<String> values = new ArrayList<>();
                while (values.isEmpty()) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(each -> values.add(each.value()));
                }
                assertThat(values).containsExactly("v" + i);
            }
            assertThat(consumer.offsetsForTimes(Map.of(partition, 1_007L)).get(partition))
                    .isNotNull()
                    .extracting(OffsetAndTimestamp::offset)
                    .isEqualTo(7L);
            assertThat(consumer.offsetsForTimes(Map.of(partition, 5_000L)).get(partition))
                    .isNull();
        }
    }

    @Test
    void aConsumerWaitsForRecordsOfAnyPartition() throws Exception {
        try (KafkaProducer<String, String> producer = producer("none");
                KafkaConsumer<String, String> consumer = consumer()) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                all.add(new TopicPartition("orders", partition));
            }
            consumer.assign(all);
            assertThat(consumer.poll(Duration.ofMillis(700)).isEmpty()).isTrue();
            for (int i = 0; i < PARTITIONS; i++) {
                CompletableFuture<Integer> read = new CompletableFuture<>();
                producer.send(new ProducerRecord<>("orders", i, "k", "v" + i));
                while (!read.isDone()) {
                    consumer.poll(Duration.ofSeconds(1))
                            .forEach(each -> read.complete(each.partition()));
                }
                assertThat(read.join()).isEqualTo(i);
            }
        }
    }
}

package io.millrace.kafka.world;

import com.google.protobuf.UnsafeByteOperations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.fetch.FetchHandler;
import io.millrace.kafka.fetch.FetchLimits;
import io.millrace.kafka.fetch.KafkaFetchMetrics;
import io.millrace.kafka.fetch.ListOffsetsHandler;
import io.millrace.kafka.fetch.OffsetForLeaderEpochHandler;
import io.millrace.kafka.produce.DescribeProducersHandler;
import io.millrace.kafka.produce.InitProducerIdHandler;
import io.millrace.kafka.produce.ProduceHandler;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.quota.QuotaEnforcement;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** A node with its handlers of records, on virtual time, and a client. */
public final class KafkaWorld implements AutoCloseable {

    private static final long START_MS = 1_700_000_000_000L;

    /** The time after which gaps in sequences are errors. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    public final SimulatedEventLoop loop = new SimulatedEventLoop();
    public final FaultyMetadata metadata;
    public final FaultyObjectStore bucket = new FaultyObjectStore(new MemoryObjectStore());
    public final EmbeddedClient client;
    public final IngestNode ingest;
    public final FetchHandler fetches;

    /** The live nodes; the first is this one. */
    public final List<KafkaNode> nodes =
            new ArrayList<>(List.of(new KafkaNode(1, "one", "host-1", 9092, "a")));

    /** The meters of fetches. */
    public final MeterRegistry registry = new SimpleMeterRegistry();

    private final TopicIds ids = new TopicIds(new ClusterId("0123456789abcdef0123456789abcdef"));
    private final InMemoryMetadataLog.Storage log = new InMemoryMetadataLog.Storage();
    private final MetadataFixture fixture;

    public KafkaWorld() {
        this(FetchLimits.of(64 << 20));
    }

    public KafkaWorld(FetchLimits limits) {
        fixture = new MetadataFixture(loop, log, 1);
        metadata = new FaultyMetadata(fixture.metadata());
        FetchNode fetch =
                new FetchNode(
                        new FetchSettings(
                                "test", 64 << 20, 4 << 20, 64 << 10, 4, 256 << 10, 0, 100,
                                64 << 20),
                        metadata,
                        bucket,
                        loop,
                        new FetchMetrics(new SimpleMeterRegistry()));
        ingest =
                new IngestNode(
                        IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                        metadata,
                        bucket,
                        () -> 0,
                        loop,
                        () -> Instant.ofEpochMilli(nowMs()),
                        loop,
                        fetch,
                        new IngestMetrics(new SimpleMeterRegistry()));
        KafkaNodes known =
                new KafkaNodes() {
                    @Override
                    public List<KafkaNode> live(KafkaListener listener) {
                        return List.copyOf(nodes);
                    }

                    @Override
                    public int self() {
                        return 1;
                    }
                };
        QuotaEnforcement quotas = new QuotaEnforcement(fixture.metadata()::quotas, loop::nanoTime);
        fetches =
                new FetchHandler(
                        fetch,
                        metadata,
                        ids,
                        known,
                        limits,
                        quotas,
                        new Random(1)::nextInt,
                        new KafkaFetchMetrics(registry, limits));
        client =
                EmbeddedClient.of(
                        new ProduceHandler(
                                ingest,
                                loop,
                                metadata,
                                ids,
                                known,
                                new SequenceGaps(PATIENCE, 100, loop::nanoTime),
                                quotas),
                        new InitProducerIdHandler(ingest, loop),
                        new DescribeProducersHandler(metadata),
                        fetches,
                        new ListOffsetsHandler(fetch, metadata),
                        new OffsetForLeaderEpochHandler(metadata));
        loop.runReady();
    }

    /** Milliseconds since 1970. */
    public long nowMs() {
        return START_MS + loop.nanoTime() / 1_000_000;
    }

    public Topic topic(String name, int partitions) {
        return fixture.createTopic(name, partitions, Map.of());
    }

    public Topic topic(String name, int partitions, Map<String, String> config) {
        return fixture.createTopic(name, partitions, config);
    }

    /** Creates a topic by another node; this one learns of it a moment later. */
    public Topic topicElsewhere(String name, int partitions) {
        return new MetadataFixture(loop, log, 2).createTopic(name, partitions);
    }

    public void delete(Topic topic) {
        fixture.propose(new Command.TopicDeleted(topic.id()));
    }

    public void propose(Command command) {
        fixture.propose(command);
    }

    /** Returns the id of a topic in the Kafka protocol. */
    public Uuid id(Topic topic) {
        return ids.of(topic);
    }

    /** Appends a batch as another client would, and lets its block be committed. */
    public void append(Topic topic, int partition, MemoryRecords batch) {
        List<ProduceOutcome> outcomes = new ArrayList<>();
        loop.call(() ->
                ingest.produce(
                        -1,
                        topic.name(),
                        partition,
                        UnsafeByteOperations.unsafeWrap(batch.buffer()),
                        outcomes::add));
        pass(500);
        if (!(outcomes.getFirst() instanceof ProduceOutcome.Acknowledged)) {
            throw new AssertionError("not stored: " + outcomes);
        }
    }

    /** Stops accepting batches, as a node that shuts down. */
    public CompletableFuture<Void> drain() {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        loop.call(() ->
                ingest.drain(Duration.ofSeconds(5))
                        .whenComplete((done, failure) -> drained.complete(null)));
        return drained;
    }

    public void pass(long millis) {
        loop.advance(Duration.ofMillis(millis));
    }

    /** Sends a request, lets a second pass, and returns the answer. */
    public <A extends ApiMessage> A call(
            ApiKeys api, int version, ApiMessage request, Class<A> type) {
        client.send(api, version, request);
        pass(1_000);
        return receive(api, version, type);
    }

    /** Returns the next answer, which has been written. */
    public <A extends ApiMessage> A receive(ApiKeys api, int version, Class<A> type) {
        return type.cast(
                client.receive(api, version)
                        .orElseThrow(() -> new AssertionError("no answer to " + api.name))
                        .message());
    }

    @Override
    public void close() {
        client.close();
    }
}

package io.millrace.ingest;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.metadata.Extent;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.runtime.trace.Tracer;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An ingest node in virtual time, with topic {@code t} of 4 partitions. */
final class IngestFixture {

    static final long START_MS = 1_700_000_000_000L;

    /** The latency of an append. */
    static final Duration APPEND = Duration.ofMillis(2);

    /** The default latency of a put. */
    static final Duration PUT = Duration.ofMillis(5);

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final FaultyMetadata metadata;
    final MemoryObjectStore bucket = new MemoryObjectStore();
    final FaultyObjectStore store = new FaultyObjectStore(bucket);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final List<SealedObject> offered = new ArrayList<>();
    final List<ObjectRef> uploaded = new ArrayList<>();
    final List<ObjectId> withdrawn = new ArrayList<>();
    final IngestNode node;

    /** The fullness of the merge backlog. */
    double backlog;

    private final InMemoryMetadataLog.Storage log = new InMemoryMetadataLog.Storage();
    private final MetadataFixture fixture = new MetadataFixture(loop, log, 1);

    /** The outcome of one produce request. */
    static final class Reply implements ProduceReply {
        @Nullable ProduceOutcome outcome;

        @Override
        public void complete(ProduceOutcome result) {
            if (outcome != null) {
                throw new AssertionError("answered twice: " + outcome + ", " + result);
            }
            outcome = result;
        }

        ProduceOutcome.Acknowledged acknowledged() {
            if (outcome instanceof ProduceOutcome.Acknowledged yes) {
                return yes;
            }
            throw new AssertionError("not acknowledged: " + outcome);
        }

        Problem rejected() {
            if (outcome instanceof ProduceOutcome.Rejected(var problem)) {
                return problem;
            }
            throw new AssertionError("not refused: " + outcome);
        }

        boolean isPending() {
            return outcome == null;
        }
    }

    IngestFixture() {
        this(IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20));
    }

    IngestFixture(IngestSettings settings) {
        this(settings, loop -> task -> loop.schedule(Duration.ofMillis(1), task));
    }

    IngestFixture(IngestSettings settings, Function<SimulatedEventLoop, Executor> compression) {
        this(settings, compression, Tracer.OFF);
    }

    IngestFixture(Tracer tracer) {
        this(
                IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                loop -> task -> loop.schedule(Duration.ofMillis(1), task),
                tracer);
    }

    private IngestFixture(
            IngestSettings settings,
            Function<SimulatedEventLoop, Executor> compression,
            Tracer tracer) {
        metadata = new FaultyMetadata(fixture.metadata());
        store.byDefault(Fault.late(loop, PUT));
        node =
                new IngestNode(
                        settings,
                        metadata,
                        store,
                        () -> backlog,
                        loop,
                        () -> Instant.ofEpochMilli(nowMs()),
                        compression.apply(loop),
                        new SealedObjectSink() {
                            @Override
                            public void offer(SealedObject object) {
                                offered.add(object);
                            }

                            @Override
                            public void uploaded(ObjectRef object) {
                                uploaded.add(object);
                            }

                            @Override
                            public void withdrawn(ObjectId object) {
                                withdrawn.add(object);
                            }
                        },
                        new IngestMetrics(meters),
                        tracer);
        create("t", 4, Map.of());
    }

    void create(String name, int partitions, Map<String, String> config) {
        withoutLatency(() -> fixture.createTopic(name, partitions, config));
    }

    void delete(String name) {
        long id = topic(name).id();
        withoutLatency(() -> fixture.propose(new Command.TopicDeleted(id)));
    }

    private void withoutLatency(Runnable change) {
        fixture.log().setAppendDuration(Duration.ZERO);
        change.run();
        fixture.log().setAppendDuration(APPEND);
    }

    /** Creates another node of the cluster, whose entries this one receives a little later. */
    MetadataFixture otherNode() {
        return new MetadataFixture(loop, log, 2);
    }

    /** Raises the generation of the cluster, as a restore from a backup does. */
    void raiseGeneration() {
        log.raiseGeneration();
    }

    long producerId() {
        List<CompletableFuture<ProducerIdRange>> lease = new ArrayList<>();
        loop.call(() -> lease.add(node.allocateProducerId()));
        pass(100);
        return lease.getFirst().join().producerId();
    }

    /** Milliseconds since 1970. */
    long nowMs() {
        return START_MS + loop.nanoTime() / 1_000_000;
    }

    long memoryUsed() {
        return (long) meters.get("millrace.ingest.memory").gauge().value();
    }

    Reply produce(long connection, String topic, int partition, ByteString batch) {
        Reply reply = new Reply();
        loop.call(() -> node.produce(connection, topic, partition, batch, reply));
        return reply;
    }

    Reply produce(int partition, String... values) {
        return produce(1, "t", partition, Batches.of(values));
    }

    Reply produceRecords(long connection, int partition, ByteString recordSet) {
        Reply reply = new Reply();
        loop.call(() -> node.produceRecords(connection, "t", partition, recordSet, reply));
        return reply;
    }

    void pass(long millis) {
        loop.advance(Duration.ofMillis(millis));
    }

    /** Returns all values of the partition in order, as a reader would get them from the bucket. */
    List<String> values(String topic, int partition) {
        List<String> values = new ArrayList<>();
        for (Extent extent : extents(topic, partition)) {
            values.addAll(Batches.values(bytes(extent)));
        }
        return values;
    }

    List<Extent> extents(String topic, int partition) {
        List<Extent> extents = new ArrayList<>();
        long id = topic(topic).id();
        loop.call(() ->
                metadata.view()
                        .partition(id, partition)
                        .ifPresent(log -> extents.addAll(log.extents(0, Long.MAX_VALUE))));
        return extents;
    }

    byte[] bytes(Extent extent) {
        return bucket.getRange(
                        extent.object().id().key("test"),
                        new ByteRange(extent.position(), extent.length()))
                .join();
    }

    private Topic topic(String name) {
        return metadata.topics().named(name).orElseThrow();
    }
}

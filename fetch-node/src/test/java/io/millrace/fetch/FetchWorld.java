package io.millrace.fetch;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ManifestBuilder;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * A fetch node on virtual time with the production metadata and a bucket in memory. Records the
 * written batches and the expected results.
 */
public final class FetchWorld {

    static final String CLUSTER = "test";
    static final int CHUNK = 64 << 10;

    /** A batch for a partition. */
    record Written(Topic topic, int partition, byte[] batch) {}

    private static final Duration LATENCY = Duration.ofMillis(10);

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final MemoryObjectStore objects = new MemoryObjectStore();
    final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final CompactedMetadata metadata;
    final FetchNode node;

    /** This process's copy of the metadata. */
    final MetadataFixture here;

    /** Another process on the same log; this process sees its entries a moment later. */
    final MetadataFixture elsewhere;

    private final Map<PartitionId, List<byte[]>> model = new HashMap<>();
    private final Random random;
    private long nextSequence;

    FetchWorld(FetchSettings settings, long seed) {
        random = new Random(seed);
        InMemoryMetadataLog.Storage log = new InMemoryMetadataLog.Storage();
        here = new MetadataFixture(loop, log, 2 * seed);
        elsewhere = new MetadataFixture(loop, log, 2 * seed + 1);
        metadata = new CompactedMetadata(here.metadata());
        node = new FetchNode(settings, metadata, bucket, loop, new FetchMetrics(meters));
        restoreBucketReads();
        loop.runReady();
    }

    FetchWorld() {
        this(settings(), 1);
    }

    static FetchSettings settings() {
        return settings(64 << 20, 0);
    }

    static FetchSettings settings(long hotCacheBytes, int readAheadChunks) {
        return new FetchSettings(
                CLUSTER,
                hotCacheBytes,
                4 << 20,
                CHUNK,
                4,
                4 * CHUNK,
                readAheadChunks,
                100,
                64 << 20);
    }

    Topic topic(String name, int partitions) {
        return here.createTopic(name, partitions);
    }

    void deleteTopic(Topic topic) {
        here.propose(new Command.TopicDeleted(topic.id()));
    }

    /** Makes all reads of the bucket fail. */
    void failBucketReads() {
        bucket.byDefault(
                Fault.late(
                        loop,
                        LATENCY,
                        Fault.failing(
                                new ObjectStoreException.Unavailable("the bucket is away", null))));
    }

    /** Makes reads of the bucket succeed again, after a latency. */
    void restoreBucketReads() {
        bucket.byDefault(Fault.late(loop, LATENCY, Fault.none()));
    }

    /** Removes an object from the bucket without a log entry. */
    void lose(ObjectRef object) {
        objects.delete(List.of(key(object))).join();
    }

    /** Damages an object in the bucket. */
    void damage(ObjectRef object, int position) {
        objects.flipBit(key(object), position);
    }

    /**
     * Returns a batch with the given number of records, about the given size, and a single
     * timestamp.
     */
    byte[] batch(int records, int bytes, long timestampMs) {
        SimpleRecord[] content = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            byte[] value = new byte[bytes / records];
            random.nextBytes(value);
            content[i] = new SimpleRecord(timestampMs + i, null, value);
        }
        ByteBuffer encoded = MemoryRecords.withRecords(Compression.NONE, content).buffer();
        byte[] batch = new byte[encoded.remaining()];
        encoded.get(batch);
        return batch;
    }

    /** Writes an object to the bucket and commits its extents. */
    ObjectRef write(List<Written> batches) {
        return commit(here, layOut(batches), batches, 0);
    }

    /** Writes an object to the bucket, commits its extents and offers the object to the node. */
    ObjectRef writeRecent(List<Written> batches) {
        StreamObjectLayout layout = layOut(batches);
        node.offer(layout.object());
        return commit(here, layout, batches, 0);
    }

    /** Offers an object to the node and withdraws it, as after a failed upload. */
    void failToWrite(List<Written> batches) {
        StreamObjectLayout layout = layOut(batches);
        node.offer(layout.object());
        lose(layout.object().ref());
        node.withdrawn(layout.object().ref().id());
    }

    /** Writes as {@link #write} does, in another process. */
    ObjectRef writeElsewhere(List<Written> batches) {
        return commit(elsewhere, layOut(batches), batches, 0);
    }

    /** Commits extents at positions that are wrong by the given number of bytes. */
    ObjectRef writeMisplaced(List<Written> batches, int byBytes) {
        return commit(here, layOut(batches), batches, byBytes);
    }

    /** Writes the same batches to the bucket as another, unreferenced object. */
    ObjectRef copy(List<Written> batches) {
        return layOut(batches).object().ref();
    }

    private StreamObjectLayout layOut(List<Written> batches) {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (Written written : batches) {
            builder.add(
                    written.topic().id(),
                    written.partition(),
                    new Slice(written.batch(), 0, written.batch().length));
        }
        StreamObjectLayout layout =
                builder.seal(
                        new ObjectId(ObjectId.Kind.WAL, metadata.incarnation(), nextSequence++));
        objects.put(key(layout.object().ref()), layout.object().body()).join();
        return layout;
    }

    private ObjectRef commit(
            MetadataFixture by, StreamObjectLayout layout, List<Written> batches, int byBytes) {
        ObjectRef object = layout.object().ref();
        List<BatchItem> items = new ArrayList<>(batches.size());
        for (int place = 0; place < batches.size(); place++) {
            int number = layout.numberAt(place);
            Written written = batches.get(number);
            items.add(
                    new BatchItem(
                            written.topic().id(),
                            written.partition(),
                            BatchHeader.offsetCount(written.batch(), 0),
                            layout.position(number) + byBytes,
                            written.batch().length,
                            BatchHeader.maxTimestampMs(written.batch(), 0),
                            ProducerStamp.NONE));
        }
        Outcome outcome = by.propose(new Command.BlockCommitted(object, 0, items));
        List<Outcome.ItemOutcome> decided = ((Outcome.Block) outcome).items();
        for (int place = 0; place < items.size(); place++) {
            long baseOffset = ((Outcome.ItemOutcome.Appended) decided.get(place)).baseOffset();
            remember(batches.get(layout.numberAt(place)), baseOffset);
        }
        return object;
    }

    private void remember(Written written, long baseOffset) {
        byte[] served = written.batch().clone();
        BatchHeader.setBaseOffset(served, 0, baseOffset);
        model.computeIfAbsent(
                        new PartitionId(written.topic().id(), written.partition()),
                        k -> new ArrayList<>())
                .add(served);
    }

    /**
     * Offloads extents of a partition to an extent manifest.
     *
     * @param keep the number of newest extents that stay in memory
     * @param max the maximum number of extents of an offloaded range
     * @return the manifest; empty if no extent qualifies
     */
    Optional<ObjectRef> offload(Topic topic, int partition, int keep, int max) {
        List<OffloadCandidate> cold =
                log(topic, partition)
                        .offloadCandidates(keep, 1, max, 0, object -> MergeState.SETTLED);
        if (cold.isEmpty()) {
            return Optional.empty();
        }
        ManifestBuilder builder =
                new ManifestBuilder(
                        new ObjectId(
                                ObjectId.Kind.MANIFEST, metadata.incarnation(), nextSequence++));
        List<RangeToOffload> rows = new ArrayList<>();
        for (OffloadCandidate candidate : cold) {
            long offsets = candidate.endOffset() - candidate.baseOffset();
            long position =
                    builder.add(
                            topic.id(),
                            partition,
                            candidate.content(),
                            candidate.extents(),
                            offsets);
            rows.add(
                    new RangeToOffload(
                            topic.id(),
                            partition,
                            candidate.baseOffset(),
                            candidate.endOffset(),
                            position,
                            candidate.extents(),
                            candidate.digest()));
        }
        SealedObject manifest = builder.seal();
        objects.put(key(manifest.ref()), manifest.body()).join();
        Outcome outcome = here.propose(new Command.ExtentsOffloaded(manifest.ref(), rows));
        if (!((Outcome.Rows) outcome)
                .rows().stream().allMatch(row -> row instanceof Outcome.RowOutcome.Accepted)) {
            throw new AssertionError("not shelved: " + outcome);
        }
        return Optional.of(manifest.ref());
    }

    /** Reloads the last offloaded range of a partition, as another process would. */
    void reloadElsewhere(Topic topic, int partition) {
        OffloadedRange row = log(topic, partition).lastOffloadedRange().orElseThrow();
        byte[] content =
                objects.getRange(key(row.manifest()), new ByteRange(row.position(), row.length()))
                        .join();
        loop.advance(Duration.ofSeconds(1));
        elsewhere.propose(
                new Command.ExtentsReloaded(
                        List.of(
                                new ReloadedRange(
                                        topic.id(),
                                        partition,
                                        row.endOffset(),
                                        ByteString.copyFrom(content)))));
    }

    PartitionLog log(Topic topic, int partition) {
        return here.metadata().view().partition(topic.id(), partition).orElseThrow();
    }

    /** Returns the end of a partition in this process's copy of the metadata. */
    long end(Topic topic, int partition) {
        return here.metadata()
                .view()
                .partition(topic.id(), partition)
                .orElseThrow()
                .highWatermark();
    }

    /** Returns the batches that readers of a partition should receive. */
    List<byte[]> served(Topic topic, int partition) {
        return model.getOrDefault(new PartitionId(topic.id(), partition), List.of());
    }

    static ObjectKey key(ObjectRef object) {
        return object.id().key(CLUSTER);
    }

    /** Starts a fetch, on the event loop. */
    CompletableFuture<FetchResult> begin(FetchQuery query) {
        List<CompletableFuture<FetchResult>> started = new ArrayList<>();
        loop.call(() -> started.add(node.fetch(query)));
        return started.getFirst();
    }

    /** Starts a fetch of a reader, on the event loop. */
    CompletableFuture<FetchResult> begin(FetchQuery query, String reader) {
        List<CompletableFuture<FetchResult>> started = new ArrayList<>();
        loop.call(() -> started.add(node.fetch(query, reader)));
        return started.getFirst();
    }

    /** Fetches, and advances time by as much as a fetch without a wait may take. */
    FetchResult fetch(FetchQuery query) {
        CompletableFuture<FetchResult> future = begin(query);
        loop.advance(Duration.ofSeconds(5));
        return done(future);
    }

    /** Fetches one partition and returns its result. */
    PartitionResult fetch(String topic, int partition, long offset, int maxBytes) {
        return fetch(query(topic, partition, offset, maxBytes)).partitions().getFirst();
    }

    static FetchQuery query(String topic, int partition, long offset, int maxBytes) {
        return new FetchQuery(
                List.of(new FetchQuery.PartitionQuery(topic, partition, offset, 0)),
                Duration.ZERO,
                1,
                maxBytes);
    }

    static FetchQuery poll(String topic, int partition, long offset, int minBytes) {
        return new FetchQuery(
                List.of(new FetchQuery.PartitionQuery(topic, partition, offset, 0)),
                Duration.ofSeconds(60),
                minBytes,
                0);
    }

    OffsetResult offset(String topic, int partition, OffsetLookup.LookupPosition at) {
        List<CompletableFuture<List<OffsetResult>>> started = new ArrayList<>();
        loop.call(() ->
                started.add(node.listOffsets(List.of(new OffsetLookup(topic, partition, at)))));
        loop.advance(Duration.ofSeconds(5));
        return done(started.getFirst()).getFirst();
    }

    public static <T> T done(CompletableFuture<T> future) {
        if (!future.isDone()) {
            throw new AssertionError("not done");
        }
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package io.millrace.fetch;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Extent;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.ObjectKey;
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
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A fetch node on virtual time, what was written for it, and what it should answer. */
final class FetchWorld {

    static final String CLUSTER = "test";
    static final int CHUNK = 64 << 10;

    /** A batch for a partition. */
    record Written(Topic topic, int partition, byte[] batch) {}

    final SimulatedLoop loop = new SimulatedLoop();
    final ScriptedBucket bucket = new ScriptedBucket(loop);
    final ScriptedMetadata metadata = new ScriptedMetadata(loop);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final FetchNode node;

    /** Every batch of a partition with its offset set, in order. */
    final Map<PartitionKey, List<byte[]>> model = new HashMap<>();

    private final Random random;
    private long nextSequence;

    FetchWorld(FetchSettings settings, long seed) {
        random = new Random(seed);
        node = new FetchNode(settings, metadata, bucket, loop, new FetchMetrics(meters));
        loop.runReady();
    }

    FetchWorld() {
        this(settings(), 1);
    }

    static FetchSettings settings() {
        return new FetchSettings(CLUSTER, 64 << 20, 4 << 20, CHUNK, 4, 0, 100, 64 << 20);
    }

    Topic topic(String name, int partitions) {
        return metadata.createTopic(name, partitions);
    }

    /** A batch of so many records and about so many bytes, all of one time. */
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

    /** Writes an object to the bucket and its extents, neighbours as one, to the metadata. */
    ObjectRef write(List<Written> batches) {
        SealedObject object = writeOnly(batches);
        return object.ref();
    }

    /** Writes an object to the bucket and metadata, and offers it to the node. */
    ObjectRef writeHot(List<Written> batches) {
        SealedObject object = layOut(batches, true);
        return object.ref();
    }

    private SealedObject writeOnly(List<Written> batches) {
        return layOut(batches, false);
    }

    private SealedObject layOut(List<Written> batches, boolean hot) {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (Written one : batches) {
            builder.add(
                    one.topic().id(),
                    one.partition(),
                    new Slice(one.batch(), 0, one.batch().length));
        }
        StreamObjectLayout layout =
                builder.seal(new ObjectId(ObjectId.Kind.WAL, 7, nextSequence++));
        bucket.keep(layout.object());
        if (hot) {
            node.offer(layout.object());
        }
        for (int place = 0; place < batches.size(); place++) {
            int number = layout.numberAt(place);
            append(batches.get(number), layout.object().ref(), layout.position(number));
        }
        loop.call(() -> batches.forEach(b -> metadata.changed(b.topic().id(), b.partition())));
        return layout.object();
    }

    private void append(Written written, ObjectRef object, long position) {
        ScriptedMetadata.Log log = metadata.log(written.topic().id(), written.partition());
        byte[] stored = written.batch();
        long base = log.highWatermark();
        int count = BatchHeader.offsetCount(stored, 0);
        long maxTimestamp = BatchHeader.maxTimestampMs(stored, 0);
        Extent last = log.extents.isEmpty() ? null : log.extents.getLast();
        if (last != null && last.object().equals(object) && random.nextBoolean()) {
            log.extents.set(
                    log.extents.size() - 1,
                    new Extent(
                            last.baseOffset(),
                            last.offsetCount() + count,
                            object,
                            last.position(),
                            last.length() + stored.length,
                            Math.max(last.maxTimestampMs(), maxTimestamp)));
        } else {
            log.extents.add(new Extent(base, count, object, position, stored.length, maxTimestamp));
        }
        byte[] served = stored.clone();
        BatchHeader.setBaseOffset(served, 0, base);
        model.computeIfAbsent(
                        new PartitionKey(written.topic().id(), written.partition()),
                        k -> new ArrayList<>())
                .add(served);
    }

    /** What readers of a partition should get. */
    List<byte[]> served(Topic topic, int partition) {
        return model.getOrDefault(new PartitionKey(topic.id(), partition), List.of());
    }

    static ObjectKey key(ObjectRef object) {
        return object.id().key(CLUSTER);
    }

    /** Starts a fetch, as a call on the loop. */
    CompletableFuture<FetchResult> begin(FetchQuery query) {
        List<CompletableFuture<FetchResult>> started = new ArrayList<>();
        loop.call(() -> started.add(node.fetch(query)));
        return started.getFirst();
    }

    /** Fetches, letting as much time pass as a fetch may take that does not wait. */
    FetchResult fetch(FetchQuery query) {
        CompletableFuture<FetchResult> future = begin(query);
        loop.advance(Duration.ofSeconds(5));
        return done(future);
    }

    /** The first partition of a fetch of one partition. */
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

    OffsetResult offset(String topic, int partition, OffsetQuestion.At at) {
        List<CompletableFuture<List<OffsetResult>>> started = new ArrayList<>();
        loop.call(() ->
                started.add(node.listOffsets(List.of(new OffsetQuestion(topic, partition, at)))));
        loop.advance(Duration.ofSeconds(5));
        return done(started.getFirst()).getFirst();
    }

    static <T> T done(CompletableFuture<T> future) {
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

package io.millrace.compaction.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.VerifiedClock;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.metadata.Extent;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/** Fixture of a compaction node with a bucket of real objects, and a reader of all records. */
public final class MergeWorld {

    public static final String CLUSTER = "c";
    public static final Duration DELAY = Duration.ofMinutes(10);
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    /** One batch for a partition, by size. */
    public record Write(Topic topic, int partition, int records, int bytes) {}

    /** One batch for a partition, by content. */
    public record Batch(Topic topic, int partition, byte[] bytes) {}

    /** A batch as a reader receives it. */
    public record Read(long baseOffset, int offsets, int bytes, long crc) {}

    public final SimulatedEventLoop loop = new SimulatedEventLoop();
    public final MetadataFixture fixture = new MetadataFixture(loop);
    public final FaultyMetadata metadata = new FaultyMetadata(fixture.metadata());
    public final MemoryObjectStore objects = new MemoryObjectStore(Runnable::run, this::bucketTime);
    public final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    public final SplittableRandom random;

    /** Load of producers for schedulers created from now on. */
    ProducerLoad producers = ProducerLoad.NONE;

    /** True to keep blocks in memory. */
    public boolean remembering;

    /** Clock difference between the writer of blocks and the compaction node. */
    public Duration ahead = Duration.ZERO;

    final Map<ObjectId, SealedObject> recent = new HashMap<>();
    private long blocks;

    /** Clock difference between the compaction node and the bucket. */
    public Duration clockAhead = Duration.ZERO;

    /** Number of searches for due jobs. */
    public int check;

    public MergeWorld(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * Settings with small sizes: blocks of 20,000 bytes in total, three segments per merge,
     * segments of 100,000 bytes.
     */
    public static MergeSettings settings() {
        return settings(1, 0);
    }

    /** The same settings with a minimum number of blocks and a write rate. */
    public static MergeSettings settings(int blocks, long bytesPerSecond) {
        return settings(blocks, bytesPerSecond, 3);
    }

    /** The same settings with a number of segments per merge. */
    public static MergeSettings settings(int blocks, long bytesPerSecond, int fanIn) {
        return new MergeSettings(
                blocks,
                20_000,
                DELAY,
                fanIn,
                100_000,
                50,
                1 << 20,
                5 << 20,
                1_000,
                bytesPerSecond,
                INTERVAL);
    }

    /** The default settings with another memory for reading. */
    public static MergeSettings windows(long bytes) {
        MergeSettings usual = settings();
        return new MergeSettings(
                usual.blocks(),
                usual.blockBytes(),
                usual.delay(),
                usual.fanIn(),
                usual.segmentBytes(),
                usual.maxInputs(),
                bytes,
                usual.writeBytes(),
                usual.keyBytes(),
                usual.bytesPerSecond(),
                usual.interval());
    }

    public CompactionScheduler job(MergeSettings settings) {
        return job(settings, 1);
    }

    public CompactionScheduler job(MergeSettings settings, int workers) {
        RegisteredNode here =
                new RegisteredNode(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        3,
                        0);
        return new CompactionScheduler(
                metadata,
                bucket,
                id -> CompletableFuture.completedFuture(Optional.ofNullable(recent.get(id))),
                CLUSTER,
                new CompactionDuties(() -> {
                    check++;
                    return List.of(here);
                }),
                new VerifiedClock(
                        metadata, bucket, CLUSTER, () -> bucketTime().plus(clockAhead), meters),
                settings,
                producers,
                Collections.nCopies(workers, loop),
                new MergeMetrics(meters));
    }

    private Instant bucketTime() {
        return Instant.ofEpochMilli(loop.nanoTime() / 1_000_000);
    }

    public void start() {
        job(settings()).start();
    }

    public void roundPasses() {
        loop.advance(INTERVAL.plusSeconds(1));
    }

    /** Stores and commits a block. */
    public ObjectId block(Write... writes) {
        return block(
                Arrays.stream(writes)
                        .map(write -> new Batch(write.topic(), write.partition(), batch(write)))
                        .toList());
    }

    /** Stores and commits a block of the given batches. */
    public ObjectId block(List<Batch> batches) {
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, blocks++);
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (Batch batch : batches) {
            Slice bytes = new Slice(batch.bytes(), 0, batch.bytes().length);
            builder.add(batch.topic().id(), batch.partition(), bytes);
        }
        StreamObjectLayout layout = builder.seal(id);
        assertThat(objects.put(id.key(CLUSTER), layout.object().body())).isCompleted();
        if (remembering) {
            recent.put(id, layout.object());
        }
        long nowMs = loop.nanoTime() / 1_000_000 + ahead.toMillis();
        List<BatchItem> items = new ArrayList<>();
        for (int place = 0; place < batches.size(); place++) {
            int number = layout.numberAt(place);
            Batch batch = batches.get(number);
            long ownMs = BatchHeader.maxTimestampMs(batch.bytes(), 0);
            items.add(
                    new BatchItem(
                            batch.topic().id(),
                            batch.partition(),
                            BatchHeader.offsetCount(batch.bytes(), 0),
                            layout.position(number),
                            batch.bytes().length,
                            ownMs == BatchHeader.NO_TIMESTAMP ? nowMs : ownMs,
                            ProducerStamp.NONE));
        }
        fixture.propose(new Command.BlockCommitted(layout.object().ref(), nowMs, items));
        return id;
    }

    public byte[] batch(Write write) {
        byte[] array = new byte[write.bytes()];
        random.nextBytes(array);
        BatchHeader.write(
                array,
                0,
                write.bytes(),
                BatchHeader.Fields.anonymous(0, write.records(), 500, 1_000));
        return array;
    }

    public void beginAt(Topic topic, int partition, long offset) {
        fixture.propose(
                new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(partition, offset))));
    }

    /** Reads a partition from the bucket. */
    public List<Read> read(Topic topic, int partition) {
        List<Read> reads = new ArrayList<>();
        var log = fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
        long next = log.logStartOffset();
        for (Extent extent : log.extents(next, Long.MAX_VALUE)) {
            byte[] bytes =
                    objects.getRange(
                                    extent.object().id().key(CLUSTER),
                                    new ByteRange(extent.position(), extent.length()))
                            .join();
            BatchCursor cursor = new BatchCursor(bytes, 0, bytes.length);
            while (cursor.next()) {
                assertThat(cursor.crcMatches()).isTrue();
                long base = extent.baseOffset() + cursor.offsetsBefore();
                if (extent.object().id().kind() == ObjectId.Kind.SEGMENT) {
                    assertThat(BatchHeader.baseOffset(bytes, cursor.position())).isEqualTo(base);
                }
                if (base + cursor.offsetCount() > next) {
                    CRC32C crc = new CRC32C();
                    crc.update(bytes, cursor.position() + 8, cursor.sizeBytes() - 8);
                    reads.add(
                            new Read(
                                    base,
                                    cursor.offsetCount(),
                                    cursor.sizeBytes(),
                                    crc.getValue()));
                }
            }
            assertThat(cursor.remainingBytes()).isZero();
            assertThat(extent.baseOffset() + cursor.offsetsThroughCurrent())
                    .isEqualTo(extent.endOffset());
        }
        return reads;
    }

    /** Returns the referenced objects of a kind. */
    public List<StoredObject> stored(ObjectId.Kind kind) {
        return fixture.metadata().objects().referencedObjects().stream()
                .filter(object -> object.object().id().kind() == kind)
                .toList();
    }

    /** Returns the number of merges and key compactions that run. */
    public int activeJobs() {
        return meters.get("millrace.merge.active").longTaskTimer().activeTasks();
    }

    public double counted(String name) {
        return meters.get(name).counter().count();
    }
}

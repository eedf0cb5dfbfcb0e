package io.millrace.compaction.offload;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fixture of an offloading node: metadata, a bucket, and objects like those of merges. */
public final class OffloadWorld {

    /** Size of a segment that is merged no further. */
    public static final int SETTLED = 1_000_000;

    public static final Map<String, String> FOREVER = Map.of("retention.ms", "-1");

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    public final MetadataFixture fixture = new MetadataFixture(loop);
    final MemoryObjectStore objects = new MemoryObjectStore();
    public final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    /** True if this node is responsible for the topics. */
    boolean dutiful = true;

    /** Maximum number of extents in memory up to which compacted topics are reloaded. */
    long maxReloaded = Long.MAX_VALUE;

    private long names;

    /**
     * Starts the rounds of a job.
     *
     * @param extents number of extents in memory above which extents are offloaded
     */
    public void start(long extents, int rowExtents, int manifestExtents) {
        RegisteredNode here =
                new RegisteredNode(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        FeatureLevels.ALL.newest(),
                        0);
        new OffloadJob(
                        fixture.metadata(),
                        bucket,
                        new CompactionDuties(() -> dutiful ? List.of(here) : List.of()),
                        new OffloadSettings(
                                "c",
                                extents,
                                maxReloaded,
                                rowExtents,
                                manifestExtents,
                                SETTLED,
                                INTERVAL),
                        () -> Instant.ofEpochMilli(loop.nanoTime() / 1_000_000),
                        new OffloadMetrics(meters))
                .start();
    }

    public void roundPasses() {
        loop.advance(INTERVAL.plus(Duration.ofSeconds(1)));
    }

    public PartitionLog log(Topic topic, int partition) {
        return fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
    }

    /** Writes one block with one batch of ten records. */
    public void write(Topic topic, int partition) {
        ObjectId block = new ObjectId(ObjectId.Kind.WAL, 7, names++);
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(block, 1_000, 1_100),
                        0,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        10,
                                        0,
                                        100,
                                        0,
                                        ProducerStamp.NONE))));
    }

    /** Writes extents in one merged segment. */
    public ObjectId segment(Topic topic, int partition, int extents, int sizeBytes) {
        long base = log(topic, partition).highWatermark();
        List<ObjectId> inputs = new ArrayList<>();
        List<NewExtent> now = new ArrayList<>();
        for (int i = 0; i < extents; i++) {
            inputs.add(new ObjectId(ObjectId.Kind.WAL, 7, names));
            write(topic, partition);
            int length = sizeBytes / extents;
            now.add(
                    new NewExtent(
                            base + 10L * i,
                            base + 10L * i + 10,
                            (long) i * length,
                            length,
                            1_000L * i));
        }
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, names++);
        fixture.propose(
                new Command.ExtentsReplaced(
                        new ObjectRef(id, sizeBytes, sizeBytes + 100),
                        inputs,
                        List.of(new Replacement(topic.id(), partition, now))));
        return id;
    }

    /** Writes a segment with a number of extents for each partition of some topics. */
    public ObjectId shared(List<Topic> topics, int extents) {
        int each = SETTLED / 10;
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 8, names++);
        StreamObjectBuilder builder = new StreamObjectBuilder();
        List<ObjectId> inputs = new ArrayList<>();
        List<Replacement> rows = new ArrayList<>();
        for (Topic topic : topics) {
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                byte[] batch = new byte[each];
                BatchHeader.write(batch, 0, each, BatchHeader.Fields.anonymous(0, 10, 0, 0));
                builder.add(topic.id(), partition, new Slice(batch, 0, each));
                long base = log(topic, partition).highWatermark();
                List<NewExtent> now = new ArrayList<>();
                for (int i = 0; i < extents; i++) {
                    inputs.add(new ObjectId(ObjectId.Kind.WAL, 7, names));
                    write(topic, partition);
                    long at = base + 10L * i;
                    now.add(new NewExtent(at, at + 10, i, each / extents, 1_000L * i));
                }
                rows.add(new Replacement(topic.id(), partition, now));
            }
        }
        SealedObject sealed = builder.seal(id).object();
        objects.put(id.key("c"), sealed.body()).join();
        fixture.propose(new Command.ExtentsReplaced(sealed.ref(), inputs, rows));
        return id;
    }

    public int offloadedOf(ObjectId id) {
        return fixture.metadata().objects().referencedObjects().stream()
                .filter(object -> object.object().id().equals(id))
                .mapToInt(StoredObject::offloadedExtents)
                .sum();
    }

    void trim(Topic topic, int partition, long offset) {
        fixture.propose(
                new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(partition, offset))));
    }

    public double counted(String name) {
        return meters.get(name).counter().count();
    }

    public long inMemory() {
        return fixture.metadata().objects().extentsInMemory();
    }

    public List<ObjectKey> manifests() {
        return objects.keys().stream().filter(key -> key.value().contains("/man/")).toList();
    }
}

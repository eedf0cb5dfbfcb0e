package io.millrace.compaction.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Fixture of a sweeping node: a bucket and its metadata, in virtual time. */
public final class SweepWorld {

    public static final String CLUSTER = "c";
    public static final long WRITER = 7;
    public static final int OBJECT_BYTES = 1_100;

    public final SimulatedEventLoop loop = new SimulatedEventLoop();
    public final MetadataFixture fixture = new MetadataFixture(loop);
    public final FaultyMetadata metadata = new FaultyMetadata(fixture.metadata());
    public final MemoryObjectStore objects = new MemoryObjectStore(Runnable::run, this::now);
    public final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Topic topic;
    private boolean dutiful = true;

    public SweepWorld() {
        topic = fixture.createTopic("orders", 1);
    }

    public Instant now() {
        return Instant.ofEpochSecond(0, loop.nanoTime());
    }

    /** Sets whether this node is responsible for the bucket; initially it is. */
    public void dutiful(boolean now) {
        dutiful = now;
    }

    public CompactionDuties duties() {
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
        return new CompactionDuties(() -> dutiful ? List.of(here) : List.of());
    }

    /** Starts the sweep. */
    public void sweep(Duration interval, Duration grace) {
        new ObjectSweep(
                        metadata,
                        bucket,
                        CLUSTER,
                        duties(),
                        interval,
                        grace,
                        new SweepMetrics(meters))
                .start();
    }

    public static ObjectId block(long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, WRITER, sequence);
    }

    public ObjectKey put(ObjectKey key) {
        assertThat(objects.put(key, ObjectBody.of(new byte[OBJECT_BYTES]))).isCompleted();
        return key;
    }

    /** Uploads a block. */
    public ObjectKey upload(long sequence) {
        return put(block(sequence).key(CLUSTER));
    }

    /** Commits a block of ten records. */
    public Outcome commit(long sequence) {
        return fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(block(sequence), 1_000, OBJECT_BYTES),
                        0,
                        List.of(new BatchItem(topic.id(), 0, 10, 0, 100, 0, ProducerStamp.NONE))));
    }

    public long topicId() {
        return topic.id();
    }

    /** Writes a checkpoint of the current state. */
    public void checkpoint() {
        fixture.log().setCheckpointDue(true);
        loop.advance(Duration.ofSeconds(3));
        fixture.log().setCheckpointDue(false);
    }

    public double counted(String name) {
        return meters.get(name).counter().count();
    }
}

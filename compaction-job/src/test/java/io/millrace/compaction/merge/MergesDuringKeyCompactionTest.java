package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectId.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Tests of blocks that arrive during a key compaction in the only lane. */
class MergesDuringKeyCompactionTest {

    /** Latency of the bucket, so that events can occur during a run. */
    private static final Duration SLOW = Duration.ofSeconds(20);

    private static final int PARTITIONS = 6;

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;
    private final Topic compacted =
            keys.topic("t", PARTITIONS, Map.of("min.cleanable.dirty.ratio", "0"));
    private final Topic log = world.fixture.createTopic("u", 1, Map.of());

    private void advanceUntil(BooleanSupplier so) {
        for (int seconds = 0; !so.getAsBoolean(); seconds++) {
            assertThat(seconds).isLessThan(3000);
            world.loop.advance(Duration.ofSeconds(1));
        }
    }

    /** Writes one segment for each partition. */
    private void write() {
        List<Batch> batches = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (String key : List.of("a", "f", "a")) {
                SimpleRecord record = keys.record(key, "x".repeat(30_000));
                batches.add(KeyWorld.batch(compacted, partition, Compression.NONE, record));
            }
        }
        world.block(batches);
    }

    /** Starts a key compaction run of these segments. */
    private void beginPass() {
        write();
        world.start();
        world.bucket.byDefault(Fault.late(world.loop, SLOW));
        advanceUntil(() -> world.stored(Kind.WAL).isEmpty());
        assertThat(records(0)).isEqualTo(3);
    }

    private int records(int partition) {
        return keys.read(compacted, partition).size();
    }

    private boolean isPassOver() {
        return IntStream.range(0, PARTITIONS)
                .allMatch(partition -> keys.cleanedTo(compacted, partition) == 3);
    }

    /** Writes blocks that are due for a merge. */
    private ObjectId block() {
        return world.block(new Write(log, 0, 10, 25_000));
    }

    @Test
    void blocksAreMergedBeforeTheRunWritesItsNextSegment() {
        beginPass();
        advanceUntil(() -> records(0) == 2);
        for (int i = 0; i < 3; i++) {
            block();
            advanceUntil(() -> world.stored(Kind.WAL).isEmpty());
        }
        assertThat(records(PARTITIONS - 1)).as("records of the last segment").isEqualTo(3);
        advanceUntil(this::isPassOver);
        assertThat(world.read(log, 0)).hasSize(3);
    }

    @Test
    void blocksAreMergedDuringTheKeyScan() {
        beginPass();
        ObjectId last = keys.log(compacted, PARTITIONS - 1).extents(0, 1).getFirst().object().id();
        world.bucket.forObject(last.key(MergeWorld.CLUSTER), Fault.silent());
        block();
        advanceUntil(() -> world.stored(Kind.WAL).isEmpty());
        assertThat(world.read(log, 0)).hasSize(1);
    }

    /** Writes a block that becomes due during a single run, at the maximum delay. */
    private ObjectId blockDueLater() {
        SimpleRecord record = keys.record("b", "1");
        return world.block(List.of(KeyWorld.batch(compacted, 0, Compression.NONE, record)));
    }

    @Test
    void blocksMergedDuringARunAreCountedByASingleRun() {
        write();
        blockDueLater();
        CompletableFuture<Integer> written = world.job(MergeWorld.settings()).runAllDue();
        world.bucket.byDefault(Fault.late(world.loop, MergeWorld.DELAY.dividedBy(10)));
        advanceUntil(() -> world.stored(Kind.WAL).isEmpty());
        assertThat(records(PARTITIONS - 1)).as("during the run").isEqualTo(3);
        world.bucket.byDefault(Fault.none());
        advanceUntil(written::isDone);
        assertThat(written.join() * 1.0).isEqualTo(world.counted("millrace.merge.segments"));
    }

    @Test
    void aFailedMergeDoesNotEndTheRun() {
        beginPass();
        advanceUntil(() -> records(0) == 2);
        Fault ofTheBucket =
                Fault.failing(new ObjectStoreException.Throttled("there is too much to do", null));
        world.bucket.forObject(block().key(MergeWorld.CLUSTER), ofTheBucket);
        advanceUntil(this::isPassOver);
        assertThat(world.counted("millrace.merge.failures")).isPositive();
        assertThat(world.stored(Kind.WAL)).hasSize(1);
    }

    @Test
    void aFailedMergeIsNotCountedByASingleRun() {
        write();
        ObjectId alone = blockDueLater();
        CompletableFuture<Integer> written = world.job(MergeWorld.settings()).runAllDue();
        world.bucket.byDefault(Fault.late(world.loop, MergeWorld.DELAY.dividedBy(10)));
        Fault ofTheBucket =
                Fault.failing(new ObjectStoreException.Throttled("there is too much to do", null));
        world.bucket.forObject(alone.key(MergeWorld.CLUSTER), ofTheBucket);
        advanceUntil(() -> world.counted("millrace.merge.failures") > 0);
        assertThat(records(PARTITIONS - 1)).as("during the run").isEqualTo(3);
        world.bucket.byDefault(Fault.none());
        advanceUntil(written::isDone);
        assertThat(written).isCompletedExceptionally();
    }
}

package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.key.KeyOffsetTable;
import io.millrace.compaction.key.RoundRobinSchedule;
import io.millrace.compaction.key.RoundRobinSchedule.PartitionSpan;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.stream.ObjectId.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Tests of progress of key compaction with more work than fits into one run. */
class KeyCompactionProgressTest {

    /** Latency of the bucket, so that events can occur during a run. */
    private static final Duration SLOW = Duration.ofSeconds(20);

    private static final Map<String, String> ALWAYS = Map.of("min.cleanable.dirty.ratio", "0");

    private static final String LAG = "min.compaction.lag.ms";

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    private void advanceUntil(BooleanSupplier so) {
        for (int seconds = 0; !so.getAsBoolean(); seconds++) {
            assertThat(seconds).isLessThan(3000);
            world.loop.advance(Duration.ofSeconds(1));
        }
    }

    /** Returns three records that fill a segment, one of them superseded. */
    private List<Batch> segment(Topic topic, int partition) {
        List<Batch> batches = new ArrayList<>();
        for (String key : List.of("a", "f", "a")) {
            SimpleRecord record = keys.record(key, "x".repeat(30_000));
            batches.add(KeyWorld.batch(topic, partition, Compression.NONE, record));
        }
        return batches;
    }

    /** Writes one segment for each partition. */
    private void write(Topic topic) {
        world.block(
                IntStream.range(0, topic.partitionCount())
                        .mapToObj(partition -> segment(topic, partition))
                        .flatMap(List::stream)
                        .toList());
    }

    private boolean isClean(Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .allMatch(partition ->
                        keys.cleanedTo(topic, partition)
                                == keys.log(topic, partition).highWatermark());
    }

    /**
     * Writes after the first segment of each run, until all partitions have been compacted once.
     */
    private void writeDuringPasses(List<Topic> topics, Runnable write) {
        write.run();
        world.start();
        world.bucket.byDefault(Fault.late(world.loop, SLOW));
        List<Long> before = List.of();
        for (int passes = 0; ; passes++) {
            List<Long> seen = before;
            advanceUntil(() -> !cleanedTo(topics).equals(seen));
            before = cleanedTo(topics);
            if (!before.contains(0L)) {
                return;
            }
            assertThat(passes).as("runs").isLessThan(30);
            write.run();
        }
    }

    private List<Long> cleanedTo(List<Topic> topics) {
        return topics.stream()
                .flatMap(topic ->
                        IntStream.range(0, topic.partitionCount())
                                .mapToObj(partition -> keys.cleanedTo(topic, partition)))
                .toList();
    }

    @Test
    void aTopicThatIsAlwaysDueKeepsNoOtherFromItsTurn() {
        List<Topic> topics =
                Stream.of("a", "b", "c").map(name -> keys.topic(name, 2, ALWAYS)).toList();
        writeDuringPasses(topics, () -> topics.forEach(this::write));
    }

    @Test
    void aPartitionWithManyNewKeysKeepsNoOtherFromItsTurn() {
        Topic topic = keys.topic("a", 3, ALWAYS);
        int max = KeyOffsetTable.capacity(MergeWorld.settings().keyBytes());
        writeDuringPasses(
                List.of(topic),
                () -> {
                    List<Batch> batches = new ArrayList<>();
                    for (int partition = 0; partition < 3; partition++) {
                        for (int i = 0; i <= max; i++) {
                            SimpleRecord record = keys.record("key " + i, "x".repeat(4_000));
                            batches.add(KeyWorld.batch(topic, partition, Compression.NONE, record));
                        }
                    }
                    world.block(batches);
                });
    }

    @Test
    void anotherNodeContinuesAnInterruptedRun() {
        Topic topic = keys.topic("a", 6, ALWAYS);
        write(topic);
        world.start();
        world.bucket.byDefault(Fault.late(world.loop, SLOW));
        advanceUntil(() -> keys.cleanedTo(topic, 0) == 3);
        assertThat(keys.read(topic, 5)).as("of the last segment").hasSize(3);
        world.bucket.byDefault(Fault.silent());
        world.loop.advance(SLOW);
        world.bucket.byDefault(Fault.none());

        double before = world.counted("millrace.merge.segments");
        world.job(MergeWorld.settings()).runAllDue();
        advanceUntil(() -> isClean(topic));
        assertThat(world.counted("millrace.merge.segments") - before).isLessThan(6);
        assertThat(keys.read(topic, 5)).hasSize(2);
    }

    /** Settings with a maximum number of inputs for merges and key compactions. */
    private static MergeSettings atMost(int objects) {
        MergeSettings usual = MergeWorld.settings();
        return new MergeSettings(
                usual.blocks(),
                usual.blockBytes(),
                usual.delay(),
                objects,
                usual.segmentBytes(),
                objects,
                usual.windowBytes(),
                usual.writeBytes(),
                usual.keyBytes(),
                usual.bytesPerSecond(),
                usual.interval());
    }

    @Test
    void partitionsInMoreObjectsThanMayBeOpenTakeSeveralPasses() {
        Topic topic = keys.topic("a", 6, ALWAYS);
        write(topic);
        world.job(atMost(3)).start();
        advanceUntil(() -> isClean(topic));
        assertThat(world.counted("millrace.merge.key.compactions")).isEqualTo(2);
    }

    @Test
    void onePartitionMayLieInMoreObjectsThanAPassMayHaveOpen() {
        Topic topic = keys.topic("a", 2, Map.of(LAG, "86400000"));
        world.job(atMost(3)).start();
        for (int i = 0; i < 5; i++) {
            write(topic);
            advanceUntil(() -> world.stored(Kind.WAL).isEmpty());
        }
        assertThat(world.stored(Kind.SEGMENT)).hasSize(10);
        world.fixture.propose(new Command.TopicConfigured(topic.id(), Map.of(), Set.of(LAG)));
        advanceUntil(() -> isClean(topic));
        assertThat(world.counted("millrace.merge.key.compactions")).isEqualTo(2);
        for (int partition = 0; partition < 2; partition++) {
            assertThat(keys.read(topic, partition).keySet()).containsExactly(13L, 14L);
        }
    }

    @Test
    void shortLivedProcessesStartAtDifferentTopics() {
        List<Topic> topics =
                List.of(
                        keys.topic("a", 2, Map.of()),
                        keys.topic("b", 1, Map.of()),
                        keys.topic("c", 1, Map.of()));
        assertThat(List.of(7L, 8L, 9L))
                .map(start ->
                        new RoundRobinSchedule(start).inOrder(topics).getFirst().topic().name())
                .containsExactly("b", "c", "a");
    }

    @Test
    void partitionsAreServedRoundRobin() {
        Topic first = keys.topic("a", 1, Map.of());
        Topic wide = keys.topic("b", 5, Map.of());
        Topic last = keys.topic("c", 1, Map.of());
        RoundRobinSchedule turns = new RoundRobinSchedule(0);
        turns.served(wide, 2);
        assertThat(turns.inOrder(List.of(first, wide, last)))
                .containsExactly(
                        new PartitionSpan(wide, 3, 5),
                        new PartitionSpan(last, 0, 1),
                        new PartitionSpan(first, 0, 1),
                        new PartitionSpan(wide, 0, 3));
        assertThat(turns.inOrder(List.of(first, last)))
                .as("after deletion of the topic")
                .containsExactly(new PartitionSpan(last, 0, 1), new PartitionSpan(first, 0, 1));
        turns.served(wide, 4);
        assertThat(turns.inOrder(List.of(wide))).containsExactly(new PartitionSpan(wide, 0, 5));
    }

    @Test
    void aRunWithoutRoomForAllKeysIsContinuedOnlyWhileTheDirtyRatioIsReached() {
        Topic topic = keys.topic("a", 1, Map.of("min.cleanable.dirty.ratio", "0.5"));
        int max = KeyOffsetTable.capacity(MergeWorld.settings().keyBytes());
        for (int block = 0; block < 8; block++) {
            world.block(
                    IntStream.range(block * max, (block + 1) * max)
                            .mapToObj(i -> keys.record("key " + i, "x".repeat(2_000)))
                            .map(record -> KeyWorld.batch(topic, 0, Compression.NONE, record))
                            .toList());
        }
        world.start();
        world.loop.advance(Duration.ofHours(1));
        assertThat(world.counted("millrace.merge.key.compactions")).isBetween(4.0, 6.0);
        assertThat(keys.cleanedTo(topic, 0)).isBetween(4L * max, 6L * max);
    }
}

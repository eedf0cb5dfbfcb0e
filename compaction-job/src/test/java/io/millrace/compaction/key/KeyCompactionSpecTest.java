package io.millrace.compaction.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.merge.KeyWorld;
import io.millrace.compaction.merge.KeyWorld.Keyed;
import io.millrace.metadata.Extent;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectId.Kind;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the records that key compaction removes and keeps. */
class KeyCompactionSpecTest {

    /** Latency of the bucket, so that events can occur during a run. */
    private static final Duration SLOW = Duration.ofSeconds(20);

    private static final Map<String, String> KEEP_TOMBSTONES_A_MINUTE =
            Map.of("delete.retention.ms", "60000", "min.cleanable.dirty.ratio", "0");

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    private Batch batch(Topic topic, SimpleRecord... records) {
        return KeyWorld.batch(topic, 0, Compression.zstd().build(), records);
    }

    /** Merges all blocks into segments and runs key compactions. */
    private void settle() {
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
    }

    private void write(Topic topic, String... keysAndValues) {
        for (String each : keysAndValues) {
            String[] parts = each.split("=", 2);
            world.block(
                    List.of(
                            batch(
                                    topic,
                                    keys.record(parts[0], parts.length == 1 ? null : parts[1]))));
        }
    }

    private List<String> values(Topic topic) {
        return keys.read(topic, 0).values().stream()
                .map(keyed -> keyed.key() + "=" + keyed.value())
                .toList();
    }

    @Test
    void theNewestRecordOfEachKeyStaysAtItsOffset() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        write(topic, "a=1", "b=1", "a=2", "c=1", "b=2", "a=3");
        TreeMap<Long, Keyed> before = keys.read(topic, 0);
        settle();

        assertThat(values(topic)).containsExactly("c=1", "b=2", "a=3");
        assertThat(before.entrySet()).containsAll(keys.read(topic, 0).entrySet());
        assertThat(keys.log(topic, 0).logStartOffset()).isZero();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(6);
        assertThat(world.stored(Kind.WAL)).isEmpty();

        write(topic, "c=2", "d=1", "c=3", "d=2");
        settle();
        assertThat(values(topic)).containsExactly("b=2", "a=3", "c=3", "d=2");
    }

    @Test
    void onlyTheNewestRecordsOfABatchStay() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        world.block(
                List.of(
                        batch(
                                topic,
                                keys.record("a", "1"),
                                keys.record("b", "1"),
                                keys.record("c", "1"))));
        world.block(List.of(batch(topic, keys.record("c", "2"), keys.record("a", "2"))));
        settle();
        assertThat(keys.read(topic, 0).keySet()).containsExactly(1L, 3L, 4L);
        assertThat(values(topic)).containsExactly("b=1", "c=2", "a=2");
    }

    @Test
    void otherTopicsKeepAll() {
        Topic topic = keys.topic("t", 1, Map.of("cleanup.policy", "delete"));
        world.start();
        write(topic, "a=1", "a=2", "a=3");
        settle();
        assertThat(values(topic)).containsExactly("a=1", "a=2", "a=3");
    }

    @Test
    void keysOfOnePartitionAreNotThoseOfAnother() {
        Topic topic = keys.topic("t", 2, Map.of());
        world.start();
        world.block(
                List.of(
                        KeyWorld.batch(topic, 0, Compression.NONE, keys.record("a", "1")),
                        KeyWorld.batch(topic, 1, Compression.NONE, keys.record("a", "2"))));
        world.block(List.of(KeyWorld.batch(topic, 1, Compression.NONE, keys.record("a", "3"))));
        settle();
        assertThat(keys.read(topic, 0)).hasSize(1);
        assertThat(keys.read(topic, 1).keySet()).containsExactly(1L);
    }

    @Test
    void aTombstoneIsRemovedAfterDeleteRetention() {
        Topic topic = keys.topic("t", 1, KEEP_TOMBSTONES_A_MINUTE);
        world.start();
        write(topic, "a=1", "b=1", "a");
        settle();
        assertThat(values(topic)).containsExactly("b=1", "a=");

        write(topic, "b=2", "b=3", "b=4", "b=5");
        settle();
        assertThat(values(topic)).as("a minute is over").containsExactly("b=5");
    }

    @Test
    void aTombstoneStaysForDeleteRetentionWhileOtherRecordsAreRemoved() {
        Topic topic = keys.topic("t", 1, Map.of("delete.retention.ms", "86400000"));
        world.start();
        write(topic, "a=1", "a");
        Keyed tombstone = keys.read(topic, 0).lastEntry().getValue();
        settle();
        write(topic, "b=2", "b=3", "b=4", "b=5");
        settle();
        assertThat(values(topic)).containsExactly("a=", "b=5");
        assertThat(keys.read(topic, 0).firstEntry().getValue())
                .as("with its own timestamp, not the batch's")
                .isEqualTo(tombstone);
    }

    @Test
    void tombstonesWithInfiniteRetentionAreNotRewritten() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of(
                                "delete.retention.ms",
                                "" + Long.MAX_VALUE,
                                "min.cleanable.dirty.ratio",
                                "0"));
        world.start();
        world.loop.advance(Duration.ofDays(1));
        SimpleRecord[] tombstones =
                IntStream.range(0, 100)
                        .mapToObj(i -> keys.record("key " + i, null))
                        .toArray(SimpleRecord[]::new);
        Compression unlikeTheUsual = Compression.gzip().level(1).build();
        world.block(List.of(KeyWorld.batch(topic, 0, unlikeTheUsual, tombstones)));
        long checksum = keys.batches(topic, 0).getFirst().checksum();
        for (int pass = 0; pass < 2; pass++) {
            write(topic, "a=1", "a=2");
            settle();
        }
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(104);
        assertThat(keys.batches(topic, 0).getFirst().checksum()).isEqualTo(checksum);
    }

    @Test
    void theDeleteHorizonIsLimitedByItsField() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of(
                                "delete.retention.ms",
                                "" + (Long.MAX_VALUE - Duration.ofDays(365).toMillis()),
                                "min.cleanable.dirty.ratio",
                                "0"));
        world.start();
        write(topic, "a=1", "a");
        Keyed tombstone = keys.read(topic, 0).lastEntry().getValue();
        settle();
        write(topic, "b=1", "b=2");
        settle();
        assertThat(keys.read(topic, 0).firstEntry().getValue()).isEqualTo(tombstone);
        assertThat(deleteHorizonMs(topic, 1).orElseThrow()).isGreaterThan(Long.MAX_VALUE / 2);
    }

    /** A batch of one record that fills most of a segment. */
    private Batch filler(Topic topic, String key) {
        return KeyWorld.batch(topic, 0, Compression.NONE, keys.record(key, "x".repeat(70_000)));
    }

    /** Writes two segments; the second deletes a key of the first. */
    private void writeTwoSegments(Topic topic) {
        world.block(List.of(batch(topic, keys.record("a", "1")), filler(topic, "f")));
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(2);
        world.bucket.byDefault(Fault.late(world.loop, SLOW));
        world.block(List.of(filler(topic, "g"), batch(topic, keys.record("a", null))));
    }

    private void passesUntil(BooleanSupplier so) {
        for (int seconds = 0; !so.getAsBoolean(); seconds++) {
            assertThat(seconds).isLessThan(3000);
            world.loop.advance(Duration.ofSeconds(1));
        }
    }

    private OptionalLong deleteHorizonMs(Topic topic, long offset) {
        return keys.batches(topic, 0).stream()
                .filter(keyed -> keyed.baseOffset() <= offset && offset <= keyed.lastOffset())
                .findAny()
                .orElseThrow()
                .deleteHorizonMs();
    }

    @Test
    void deleteRetentionStartsAfterTheDeletedRecordsAreRemoved() {
        Topic topic = keys.topic("t", 1, KEEP_TOMBSTONES_A_MINUTE);
        world.start();
        writeTwoSegments(topic);
        passesUntil(() -> !keys.read(topic, 0).containsKey(0L));
        long goneMs = keys.nowMs();
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(4);
        assertThat(deleteHorizonMs(topic, 3).orElseThrow()).isGreaterThan(goneMs - 1000 + 60_000);
    }

    /** Simulates a merge of another node that moves a segment unchanged. */
    private void move(Topic topic, Extent extent) {
        ObjectId other = new ObjectId(Kind.SEGMENT, 8, 1);
        byte[] bytes =
                world.objects
                        .getRange(
                                extent.object().id().key(MergeWorld.CLUSTER),
                                new ByteRange(0, (int) extent.object().sizeBytes()))
                        .join();
        world.objects.put(other.key(MergeWorld.CLUSTER), ObjectBody.of(bytes)).join();
        world.fixture.propose(
                new Command.ExtentsReplaced(
                        new ObjectRef(
                                other,
                                extent.object().indexPosition(),
                                extent.object().sizeBytes()),
                        List.of(extent.object().id()),
                        List.of(
                                new Replacement(
                                        topic.id(),
                                        0,
                                        List.of(
                                                new NewExtent(
                                                        extent.baseOffset(),
                                                        extent.endOffset(),
                                                        extent.position(),
                                                        extent.length(),
                                                        extent.maxTimestampMs()))))));
    }

    @Test
    void aTombstoneStaysIfAnotherNodeReplacedTheDeletedRecords() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of("delete.retention.ms", "1000", "min.cleanable.dirty.ratio", "0"));
        world.start();
        writeTwoSegments(topic);
        passesUntil(() -> world.stored(Kind.WAL).isEmpty());
        move(topic, keys.log(topic, 0).extents(0, 1).getFirst());
        passesUntil(() -> world.counted("millrace.merge.superseded") > 0);
        passesUntil(() -> deleteHorizonMs(topic, 3).isPresent());
        assertThat(keys.cleanedTo(topic, 0)).as("not all of the run was committed").isEqualTo(2);
        assertThat(keys.read(topic, 0)).containsKeys(0L, 3L);

        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(4);
        assertThat(keys.read(topic, 0).keySet())
                .as("a reader of the value can still receive the tombstone")
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void retentionDuringARunNeedsNoFurtherRun() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of(
                                "cleanup.policy",
                                "compact,delete",
                                "min.cleanable.dirty.ratio",
                                "0"));
        world.start();
        writeTwoSegments(topic);
        passesUntil(() -> world.stored(Kind.WAL).isEmpty());
        double before = world.counted("millrace.merge.key.compactions");
        world.beginAt(topic, 0, 2);
        passesUntil(() -> world.counted("millrace.merge.key.compactions") > before);
        assertThat(world.counted("millrace.merge.superseded")).isEqualTo(1);
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"cleanup.policy,delete", "min.compaction.lag.ms,100000000"})
    void aPassEndsWhenItsTopicIsToKeepMore(String setting, String value) {
        Topic topic = keys.topic("t", 1, KEEP_TOMBSTONES_A_MINUTE);
        world.start();
        writeTwoSegments(topic);
        passesUntil(() -> world.stored(Kind.WAL).isEmpty());
        world.loop.advance(SLOW.multipliedBy(2));
        world.fixture.propose(
                new Command.TopicConfigured(topic.id(), Map.of(setting, value), Set.of()));
        world.loop.advance(SLOW.multipliedBy(50));

        assertThat(keys.read(topic, 0)).containsOnlyKeys(0L, 1L, 2L, 3L);
        assertThat(world.counted("millrace.merge.failures")).isZero();

        world.fixture.propose(
                new Command.TopicConfigured(topic.id(), Map.of(), Set.of("min.compaction.lag.ms")));
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(), Map.of("cleanup.policy", "compact"), Set.of()));
        passesUntil(() -> !keys.read(topic, 0).containsKey(0L));
    }

    @Test
    void recordsWithoutAKeyStay() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        world.block(List.of(batch(topic, keys.record(null, "1"), keys.record("a", "1"))));
        world.block(List.of(batch(topic, keys.record(null, "2"), keys.record("a", "2"))));
        settle();
        assertThat(values(topic)).containsExactly("=1", "=2", "a=2");
    }

    @Test
    void undecodableBatchesStay() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        byte[] garbage = new byte[200];
        new Random(1).nextBytes(garbage);
        BatchHeader.write(
                garbage, 0, garbage.length, BatchHeader.Fields.anonymous(4, 3, 500, 1_000));
        world.block(List.of(new Batch(topic, 0, garbage)));
        write(topic, "a=1", "a=2");
        long bytes = keys.log(topic, 0).sizeBytes();
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(5);
        assertThat(keys.log(topic, 0).sizeBytes()).isLessThan(bytes).isGreaterThan(200);
    }

    @Test
    void aSegmentThatIsMissingIsNamedAndTheOthersGoOn() {
        Topic topic = keys.topic("t", 1, Map.of("min.compaction.lag.ms", "3600000"));
        Topic other = keys.topic("u", 1, Map.of("min.compaction.lag.ms", "3600000"));
        world.start();
        write(topic, "a=1", "a=2");
        settle();
        StoredObject segment = world.stored(Kind.SEGMENT).getFirst();
        write(other, "b=1", "b=2");
        settle();
        world.objects.delete(List.of(segment.object().id().key(MergeWorld.CLUSTER))).join();
        world.loop.advance(Duration.ofHours(2));

        assertThat(values(other)).containsExactly("b=2");
        assertThat(keys.cleanedTo(topic, 0)).isZero();
        assertThat(world.counted("millrace.merge.damaged")).isPositive();
    }

    @Test
    void recordsWithinTheCompactionLagStay() {
        Topic topic = keys.topic("t", 1, Map.of("min.compaction.lag.ms", "3600000"));
        world.start();
        write(topic, "a=1", "a=2");
        settle();
        assertThat(values(topic)).containsExactly("a=1", "a=2");
        world.loop.advance(Duration.ofHours(1));
        assertThat(values(topic)).containsExactly("a=2");
    }

    @Test
    void aPartitionBelowTheDirtyRatioIsNotCompacted() {
        Topic topic = keys.topic("t", 1, Map.of("min.cleanable.dirty.ratio", "0.8"));
        world.start();
        write(topic, "a=1", "b=1", "c=1", "d=1", "d=2");
        settle();
        assertThat(values(topic)).hasSize(4);
        write(topic, "a=2", "a=3");
        settle();
        assertThat(values(topic)).as("two of six are new").hasSize(6);
    }

    @Test
    void keysThatDoNotFitIntoMemoryTakeSeveralRuns() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        int room = KeyOffsetTable.capacity(MergeWorld.settings().keyBytes());
        int many = 5 * room;
        for (int round = 0; round < 2; round++) {
            String value = "" + round;
            world.block(
                    List.of(
                            batch(
                                    topic,
                                    IntStream.range(0, many)
                                            .mapToObj(i -> keys.record("key " + i, value))
                                            .toArray(SimpleRecord[]::new))));
        }
        settle();
        Collection<Keyed> left = keys.read(topic, 0).values();
        assertThat(left).hasSize(many).allMatch(keyed -> keyed.value().equals("1"));
        assertThat(world.counted("millrace.merge.key.compactions")).isGreaterThanOrEqualTo(10);
    }

    @Test
    void recordsOfTheOnlyBlockGoByKeyToo() {
        Topic topic = keys.topic("t", 1, Map.of());
        world.start();
        world.block(
                List.of(
                        batch(
                                topic,
                                keys.record("a", "1"),
                                keys.record("b", "1"),
                                keys.record("a", "2"))));
        settle();
        assertThat(values(topic)).containsExactly("b=1", "a=2");
    }

    private Topic compressedAgain() {
        return keys.topic(
                "t", 1, Map.of("segment.compression", "zstd:19", "cleanup.policy", "delete"));
    }

    /** A batch of text that zstd compresses well. */
    private MergeWorld.Batch lines(Topic topic) {
        SimpleRecord[] lines =
                IntStream.range(0, 500)
                        .mapToObj(i -> keys.record(null, "a line of a log, and number " + i))
                        .toArray(SimpleRecord[]::new);
        return KeyWorld.batch(topic, 0, Compression.NONE, lines);
    }

    @Test
    void whatTheTopicAsksForStaysOutWhereItMakesBatchesLarger() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of("segment.compression", "lz4:1", "min.cleanable.dirty.ratio", "0"));
        world.start();
        SimpleRecord[] lines =
                IntStream.range(0, 400)
                        .mapToObj(i -> keys.record("k" + i / 2, "a line of a log, and number " + i))
                        .toArray(SimpleRecord[]::new);
        Compression zstd = Compression.zstd().level(9).build();
        world.block(List.of(KeyWorld.batch(topic, 0, zstd, lines)));
        long bytes = keys.log(topic, 0).sizeBytes();
        settle();
        assertThat(keys.read(topic, 0)).hasSize(200);
        assertThat(keys.log(topic, 0).sizeBytes()).isLessThan(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "gzip:9", "lz4", "lz4:17", "zstd:22"})
    void eachCodecMakesSegmentsSmallerThatReadTheSame(String asked) {
        Topic topic =
                keys.topic(
                        "t", 1, Map.of("segment.compression", asked, "cleanup.policy", "delete"));
        world.start();
        world.block(List.of(lines(topic)));
        world.block(List.of(lines(topic)));
        TreeMap<Long, Keyed> before = keys.read(topic, 0);
        long bytes = keys.log(topic, 0).sizeBytes();
        settle();
        assertThat(keys.read(topic, 0)).isEqualTo(before);
        assertThat(keys.log(topic, 0).sizeBytes()).isLessThan(bytes / 3);
    }

    @Test
    void whatIsCompressedBetterStaysByteForByte() {
        Topic topic =
                keys.topic(
                        "t", 1, Map.of("segment.compression", "lz4:1", "cleanup.policy", "delete"));
        world.start();
        SimpleRecord[] lines =
                IntStream.range(0, 500)
                        .mapToObj(i -> keys.record(null, "a line of a log, and number " + i))
                        .toArray(SimpleRecord[]::new);
        Compression zstd = Compression.zstd().level(9).build();
        world.block(List.of(KeyWorld.batch(topic, 0, zstd, lines)));
        List<MergeWorld.Read> before = world.read(topic, 0);
        settle();
        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(world.read(topic, 0)).isEqualTo(before);
    }

    @Test
    void theOnlyBlockIsCompressedAsTheTopicAsksToo() {
        Topic topic = compressedAgain();
        world.start();
        world.block(List.of(lines(topic)));
        long bytes = keys.log(topic, 0).sizeBytes();
        settle();
        assertThat(keys.log(topic, 0).sizeBytes()).isLessThan(bytes / 5);
    }

    @Test
    void segmentsAreCompressedAsTheTopicAsks() {
        Topic topic = compressedAgain();
        world.start();
        world.block(List.of(lines(topic)));
        world.block(List.of(lines(topic)));
        TreeMap<Long, Keyed> before = keys.read(topic, 0);
        long bytes = keys.log(topic, 0).sizeBytes();
        settle();
        assertThat(keys.read(topic, 0)).isEqualTo(before);
        assertThat(keys.log(topic, 0).sizeBytes()).isLessThan(bytes / 5);
    }

    private void writeTombstone(Topic topic) {
        world.start();
        write(topic, "a=1", "b=1", "a");
        settle();
        write(topic, "b=2", "b=3", "b=4", "b=5");
        settle();
    }

    @ParameterizedTest
    @ValueSource(longs = {8, -8})
    void aClockThatDiffersFromTheBucketsRemovesOnlySupersededRecords(long daysAhead) {
        Topic topic = keys.topic("t", 1, KEEP_TOMBSTONES_A_MINUTE);
        world.clockAhead = Duration.ofDays(daysAhead);
        writeTombstone(topic);
        assertThat(values(topic)).containsExactly("a=", "b=5");
        assertThat(deleteHorizonMs(topic, 2)).isEmpty();
        assertThat(world.counted("millrace.clock.disagreements")).isPositive();

        world.clockAhead = Duration.ZERO;
        for (int pass = 0; pass < 2; pass++) {
            write(topic, "b=6", "b=7", "b=8", "b=9");
            settle();
        }
        assertThat(values(topic)).containsExactly("b=9");
    }

    @Test
    void aClockThatDiffersFromTheBucketsEndsNoCompactionLag() {
        Topic topic =
                keys.topic(
                        "t",
                        1,
                        Map.of(
                                "min.compaction.lag.ms",
                                "" + Duration.ofDays(7).toMillis(),
                                "min.cleanable.dirty.ratio",
                                "0"));
        world.clockAhead = Duration.ofDays(8);
        world.start();
        write(topic, "a=1", "a=2");
        settle();
        assertThat(values(topic)).containsExactly("a=1", "a=2");
        assertThat(world.counted("millrace.clock.disagreements")).isPositive();
    }
}

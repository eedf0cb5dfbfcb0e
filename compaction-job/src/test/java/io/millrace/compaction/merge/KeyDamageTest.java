package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.key.KeyOffsetTable;
import io.millrace.metadata.Extent;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchCursor;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId.Kind;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of key compaction with missing or damaged objects. */
class KeyDamageTest {

    /** Longer than several cooldowns. */
    private static final Duration LONG = Duration.ofHours(1);

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    /** A topic with a dirty ratio of 0. */
    private Topic topic() {
        return keys.topic("t", 1, Map.of("min.cleanable.dirty.ratio", "0"));
    }

    /** Prevents compaction by a large minimum lag. */
    private void pause(Topic topic) {
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(),
                        Map.of("min.compaction.lag.ms", "" + Long.MAX_VALUE),
                        Set.of()));
    }

    private void proceed(Topic topic) {
        world.fixture.propose(
                new Command.TopicConfigured(topic.id(), Map.of(), Set.of("min.compaction.lag.ms")));
    }

    /** Merges all blocks into segments and runs due key compactions. */
    private void settle() {
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
    }

    /** Writes segments with one record each. */
    private void writeSegments(Topic topic, String... ofKeys) {
        for (String key : ofKeys) {
            world.block(
                    List.of(
                            KeyWorld.batch(
                                    topic,
                                    0,
                                    Compression.NONE,
                                    keys.record(key, "x".repeat(70_000)))));
            settle();
        }
        assertThat(extents(topic)).hasSize(ofKeys.length);
    }

    private void write(Topic topic, String key, String value) {
        world.block(List.of(KeyWorld.batch(topic, 0, Compression.NONE, keys.record(key, value))));
    }

    private List<Extent> extents(Topic topic) {
        return keys.log(topic, 0).extents(0, Long.MAX_VALUE);
    }

    /** Removes the object of an extent; returns an action that restores the object. */
    private Runnable lose(Extent extent) {
        ObjectKey key = extent.object().id().key(MergeWorld.CLUSTER);
        byte[] bytes =
                world.objects
                        .getRange(key, new ByteRange(0, (int) extent.object().sizeBytes()))
                        .join();
        world.objects.delete(List.of(key)).join();
        return () -> world.objects.put(key, ObjectBody.of(bytes)).join();
    }

    /** Flips a bit of the last byte of an extent. */
    private void flip(Extent extent) {
        flip(extent.object(), extent.position() + extent.length() - 1, 1);
    }

    /** Flips bits of a byte; a second call restores them. */
    private void flip(ObjectRef object, long position, int bits) {
        ObjectKey key = object.id().key(MergeWorld.CLUSTER);
        byte[] bytes =
                world.objects.getRange(key, new ByteRange(0, (int) object.sizeBytes())).join();
        bytes[(int) position] ^= (byte) bits;
        world.objects.delete(List.of(key)).join();
        world.objects.put(key, ObjectBody.of(bytes)).join();
    }

    private double segmentsWritten() {
        return world.counted("millrace.merge.segments");
    }

    @Test
    void whatIsCleanIsNotWrittenAgainAndAgainBeforeAnObjectThatIsMissing() {
        Topic topic = topic();
        world.start();
        writeSegments(topic, "a", "b", "c");
        settle();
        Runnable restore = lose(extents(topic).getLast());
        write(topic, "d", "1");
        write(topic, "d", "2");
        settle();
        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(world.counted("millrace.merge.damaged")).isPositive();
        double written = segmentsWritten();
        world.loop.advance(LONG);
        assertThat(segmentsWritten()).isEqualTo(written);

        restore.run();
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(5);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(0L, 1L, 2L, 4L);
    }

    @Test
    void whatIsCleanIsNotWrittenAgainAndAgainBeforeAFlippedBit() {
        Topic topic = topic();
        world.start();
        writeSegments(topic, "a", "b", "c");
        settle();
        flip(extents(topic).getLast());
        write(topic, "d", "1");
        settle();
        double written = segmentsWritten();
        world.loop.advance(LONG);
        assertThat(segmentsWritten()).isEqualTo(written);
    }

    @Test
    void recordsBeforeDamageAreCompacted() {
        Topic topic = topic();
        pause(topic);
        world.start();
        writeSegments(topic, "a", "a", "b");
        Extent last = extents(topic).getLast();
        Runnable restore = lose(last);
        proceed(topic);
        world.roundPasses();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(last.baseOffset());
        assertThat(extents(topic)).last().isEqualTo(last);
        double written = segmentsWritten();
        world.loop.advance(LONG);
        assertThat(segmentsWritten()).as("once").isEqualTo(written);

        restore.run();
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(3);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(1L, 2L);
    }

    @Test
    void nothingIsWrittenBeforeDamageForKeysThatHaveNoRoom() {
        Topic topic = topic();
        world.start();
        writeSegments(topic, "a", "b", "c");
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(3);
        pause(topic);
        int many = 3 * KeyOffsetTable.capacity(MergeWorld.settings().keyBytes());
        for (int i = 0; i < many; i++) {
            write(topic, "key " + i, "" + i);
        }
        settle();
        Extent dirty = extents(topic).getLast();
        assertThat(dirty.offsetCount()).isEqualTo(many);
        flip(dirty);
        double written = segmentsWritten();
        proceed(topic);
        world.loop.advance(LONG);
        assertThat(world.counted("millrace.merge.damaged")).isPositive();
        assertThat(segmentsWritten()).isEqualTo(written);
    }

    @Test
    void whatWasCompactedBeforeDamageAppearedIsNotCompactedAgain() {
        Topic topic = topic();
        pause(topic);
        // Prevents reading of whole inputs in advance.
        world.job(MergeWorld.windows(1)).start();
        writeSegments(topic, "a", "a", "b");
        double written = segmentsWritten();
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofSeconds(20)));
        proceed(topic);
        secondsUntil(() -> segmentsWritten() > written);
        Extent last = extents(topic).getLast();
        Runnable restore = lose(last);
        secondsUntil(() -> world.counted("millrace.merge.damaged") > 0);
        world.bucket.byDefault(Fault.none());
        double before = segmentsWritten();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(last.baseOffset());
        world.loop.advance(LONG);
        assertThat(segmentsWritten()).isEqualTo(before);

        restore.run();
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(3);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(1L, 2L);
    }

    private void secondsUntil(BooleanSupplier so) {
        for (int seconds = 0; !so.getAsBoolean(); seconds++) {
            assertThat(seconds).isLessThan(3_000);
            world.loop.advance(Duration.ofSeconds(1));
        }
    }

    /**
     * Writes a segment with records at offsets 0, 3 and 4, each in its own batch, in one extent.
     */
    private Extent gaps(Topic topic) {
        for (String key : List.of("a", "b", "c", "b", "c")) {
            write(topic, key, "x");
        }
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(5);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(0L, 3L, 4L);
        assertThat(extents(topic)).hasSize(1);
        return extents(topic).getFirst();
    }

    /** Returns the position of the last byte of a batch's base offset. */
    private long baseOffset(Extent extent, int batch) {
        byte[] bytes =
                world.objects
                        .getRange(
                                extent.object().id().key(MergeWorld.CLUSTER),
                                new ByteRange(extent.position(), extent.length()))
                        .join();
        BatchCursor batches = new BatchCursor(bytes, 0, bytes.length);
        for (int i = 0; i <= batch; i++) {
            assertThat(batches.next()).isTrue();
        }
        return extent.position() + batches.position() + Long.BYTES - 1;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "1, 1", "1, 2"})
    void aPassWritesNoBatchOnWhoseBaseOffsetIsFlippedIntoAGap(int batch, int bits) {
        Topic topic = topic();
        Topic other = keys.topic("u", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        world.start();
        Extent gaps = gaps(topic);
        long position = baseOffset(gaps, batch);
        flip(gaps.object(), position, bits);
        write(topic, "a", "new");
        write(other, "a", "old");
        write(other, "a", "new");
        settle();
        assertThat(world.counted("millrace.merge.damaged")).isPositive();
        assertThat(extents(topic)).first().isEqualTo(gaps);
        assertThat(world.stored(Kind.WAL)).isEmpty();
        assertThat(keys.read(other, 0).keySet()).containsExactly(1L);
        double written = segmentsWritten();
        world.loop.advance(LONG);
        assertThat(segmentsWritten()).as("no repeated writes").isEqualTo(written);

        flip(gaps.object(), position, bits);
        settle();
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(6);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(3L, 4L, 5L);
    }

    private int segments() {
        return world.stored(Kind.SEGMENT).size();
    }

    /** Writes enough segments for a merge with a segment that has offset gaps. */
    private void writeWhatIsMerged(Topic topic) {
        for (int i = 0; i < 2; i++) {
            for (int record = 0; record < 4; record++) {
                write(topic, "key " + record, "x");
            }
            settle();
        }
    }

    @Test
    void aMergeWritesNoBatchOnWhoseBaseOffsetIsFlippedIntoAGap() {
        Topic topic = topic();
        world.start();
        Extent gaps = gaps(topic);
        pause(topic);
        long position = baseOffset(gaps, 1);
        flip(gaps.object(), position, 1);
        writeWhatIsMerged(topic);
        world.roundPasses();
        assertThat(world.counted("millrace.merge.damaged")).isPositive();
        assertThat(extents(topic)).first().isEqualTo(gaps);

        flip(gaps.object(), position, 1);
        world.loop.advance(LONG);
        assertThat(segments()).isEqualTo(1);
        assertThat(keys.read(topic, 0).keySet())
                .containsExactly(0L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }
}

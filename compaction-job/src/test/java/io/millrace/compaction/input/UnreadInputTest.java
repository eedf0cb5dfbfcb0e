package io.millrace.compaction.input;

import static io.millrace.compaction.input.MergeWorld.CLUSTER;
import static io.millrace.storage.stream.ObjectId.Kind.SEGMENT;
import static io.millrace.storage.stream.ObjectId.Kind.WAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.compaction.merge.KeyWorld;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Tests of merges and key compactions with inputs that the bucket does not return. */
class UnreadInputTest {

    private static final Fault REJECTED =
            Fault.failing(new ObjectStoreException.RequestRejected("403 InvalidObjectState", null));

    private static final Fault UNAVAILABLE =
            Fault.failing(new ObjectStoreException.Unavailable("input/output error", null));

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    private List<ObjectId> blocks(Topic topic, int count) {
        for (int i = 0; i < count; i++) {
            world.block(new Write(topic, 0, 3, 8_000));
        }
        return stored(WAL);
    }

    private List<ObjectId> stored(ObjectId.Kind kind) {
        return world.stored(kind).stream()
                .map(stored -> stored.object().id())
                .sorted(ObjectId.ORDER)
                .toList();
    }

    private double damaged() {
        return world.counted("millrace.merge.damaged");
    }

    private void isLeftAloneForAWhile(Fault fault) {
        Topic topic = world.fixture.createTopic("orders", 1);
        ObjectId bad = blocks(topic, 4).getFirst();
        world.bucket.forObject(bad.key(CLUSTER), fault);
        world.start();
        world.roundPasses();
        assertThat(stored(WAL)).containsExactly(bad);
        assertThat(stored(SEGMENT)).hasSize(1);
        assertThat(damaged()).isOne();

        world.bucket.forObject(bad.key(CLUSTER), Fault.none());
        blocks(topic, 2);
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
        assertThat(stored(WAL)).isEmpty();
        assertThat(damaged()).isOne();
    }

    @Test
    void aRefusedBlockIsLeftAloneAndTheRestGoesOn() {
        isLeftAloneForAWhile(REJECTED);
    }

    @Test
    void aBlockThatIsUnavailableTwiceIsLeftAloneAndTheRestGoesOn() {
        isLeftAloneForAWhile(UNAVAILABLE);
    }

    @Test
    void whatIsUnavailableOnceIsMergedWithTheRest() {
        blocks(world.fixture.createTopic("orders", 1), 3);
        world.bucket.next(UNAVAILABLE);
        world.start();
        world.loop.runReady();
        assertThat(stored(WAL)).isEmpty();
        assertThat(damaged()).isZero();
        assertThat(world.counted("millrace.merge.failures")).isOne();
    }

    private SimpleRecord large(String key) {
        return keys.record(key, "x".repeat(70_000));
    }

    private void nothingIsLeftAloneWhile(Fault away) {
        blocks(world.fixture.createTopic("orders", 1), 3);
        world.bucket.byDefault(away);
        world.start();
        world.loop.advance(Duration.ofMinutes(1));
        assertThat(damaged()).isZero();
        assertThat(world.counted("millrace.merge.failures")).isGreaterThan(5);

        world.bucket.byDefault(Fault.none());
        world.roundPasses();
        assertThat(stored(WAL)).isEmpty();
    }

    @Test
    void nothingIsLeftAloneWhileTheBucketRefusesEverything() {
        nothingIsLeftAloneWhile(REJECTED);
    }

    @Test
    void nothingIsLeftAloneWhileTheBucketIsAway() {
        nothingIsLeftAloneWhile(UNAVAILABLE);
    }

    @Test
    void anUncompactableTopicBlocksNoOther() {
        Topic bad = keys.topic("bad", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        Topic good = keys.topic("good", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        for (Topic topic : List.of(bad, good)) {
            world.block(
                    List.of(KeyWorld.batch(topic, 0, Compression.NONE, large("a"), large("a"))));
        }
        List<ObjectId> blocks = stored(WAL);
        world.bucket.forObject(blocks.getFirst().key(CLUSTER), REJECTED);
        world.start();
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));

        assertThat(keys.cleanedTo(good, 0)).isEqualTo(2);
        assertThat(keys.read(good, 0).keySet()).containsExactly(1L);
        assertThat(keys.cleanedTo(bad, 0)).isZero();
        assertThat(damaged()).isPositive();
    }

    @Test
    void aSegmentWhoseIndexIsRefusedIsLeftAloneAndTheRestGoesOn() {
        Topic topic = keys.topic("gaps", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        world.start();
        write(topic, "a", "b", "a");
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
        assertThat(keys.read(topic, 0).keySet()).containsExactly(1L, 2L);
        ObjectId segment = stored(SEGMENT).getFirst();
        Queue<Fault> records = new ArrayDeque<>(List.of(Fault.none()));
        world.bucket.forObject(
                segment.key(CLUSTER),
                Fault.chosen(() -> records.isEmpty() ? REJECTED : records.remove()));
        write(topic, "b");
        world.loop.advance(MergeWorld.DELAY.plus(MergeWorld.INTERVAL.multipliedBy(2)));
        assertThat(records).isEmpty();
        assertThat(damaged()).isOne();
        assertThat(stored(SEGMENT)).contains(segment);
        assertThat(stored(WAL)).isEmpty();

        world.bucket.forObject(segment.key(CLUSTER), Fault.none());
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(4);
        assertThat(keys.read(topic, 0).keySet()).containsExactly(2L, 3L);
        assertThat(damaged()).isOne();
    }

    /** Writes one batch per key. */
    private void write(Topic topic, String... ofKeys) {
        for (String key : ofKeys) {
            world.block(List.of(KeyWorld.batch(topic, 0, Compression.NONE, keys.record(key, "x"))));
        }
    }
}

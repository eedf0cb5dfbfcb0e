package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.compaction.offload.OffloadJob;
import io.millrace.compaction.offload.OffloadMetrics;
import io.millrace.compaction.offload.OffloadSettings;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectId.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of blocks with both offloaded extents and extents of compacted topics. */
class PartlyOffloadedBlockTest {

    /** Half the size of a segment. */
    private static final int BLOCK_BYTES = 60_000;

    /** More extents than the limit after which extents count as passed over by merges. */
    private static final int MANY = 300;

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;

    private void offload() {
        RegisteredNode here =
                new RegisteredNode(
                        "here",
                        world.fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        3,
                        0);
        new OffloadJob(
                        world.metadata,
                        world.bucket,
                        new CompactionDuties(() -> List.of(here)),
                        new OffloadSettings(
                                MergeWorld.CLUSTER,
                                0,
                                Long.MAX_VALUE,
                                8,
                                100,
                                MergeWorld.settings().segmentBytes() / 2,
                                Duration.ofSeconds(7)),
                        () -> Instant.ofEpochMilli(world.loop.nanoTime() / 1_000_000),
                        new OffloadMetrics(world.meters))
                .start();
    }

    /**
     * Writes a block with a large batch of one topic, and two records of one key of another topic.
     */
    private ObjectId shared(Topic kept, Topic compacted) {
        return world.block(
                List.of(
                        new Batch(kept, 0, world.batch(new Write(kept, 0, 1, BLOCK_BYTES))),
                        KeyWorld.batch(
                                compacted,
                                0,
                                Compression.NONE,
                                keys.record("a", "1"),
                                keys.record("a", "2"))));
    }

    private boolean isAlone() {
        return world.stored(Kind.WAL).size() == 1;
    }

    /** Removes an object; returns an action that restores the object. */
    private Runnable lose(ObjectId id) {
        ObjectKey key = id.key(MergeWorld.CLUSTER);
        StoredObject lost = world.stored(id.kind()).getFirst();
        byte[] bytes =
                world.objects
                        .getRange(key, new ByteRange(0, (int) lost.object().sizeBytes()))
                        .join();
        world.objects.delete(List.of(key)).join();
        return () -> world.objects.put(key, ObjectBody.of(bytes)).join();
    }

    /**
     * @param alone true if no other block is left to merge with
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBlockThatWasPassedOverHoldsUpNoPassByKeyOnceItCanBeRead(boolean alone) {
        Topic kept = world.fixture.createTopic("kept", 1, Map.of("retention.ms", "-1"));
        Topic compacted = keys.topic("compacted", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        ObjectId block = shared(kept, compacted);
        Runnable restore = lose(block);
        world.start();
        offload();
        while (keys.log(kept, 0).offloadedRangeAt(0).isEmpty() || isAlone() != alone) {
            assertThat(keys.log(kept, 0).highWatermark()).isLessThan(MANY);
            world.block(new Write(kept, 0, 1, BLOCK_BYTES));
            world.roundPasses();
        }
        assertThat(keys.log(compacted, 0).extents(0, Long.MAX_VALUE))
                .allMatch(extent -> extent.object().id().equals(block));

        restore.run();
        world.loop.advance(Duration.ofHours(1));

        assertThat(keys.cleanedTo(compacted, 0)).isEqualTo(2);
        assertThat(keys.read(compacted, 0).keySet()).containsExactly(1L);
        assertThat(world.stored(Kind.WAL))
                .as("offloaded extents are not moved")
                .singleElement()
                .matches(extent -> extent.extents() == 1 && extent.offloadedExtents() == 1);
    }
}

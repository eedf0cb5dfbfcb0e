package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.offload.OffloadJob;
import io.millrace.compaction.offload.OffloadMetrics;
import io.millrace.compaction.offload.OffloadSettings;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Tests of a compacted topic that cannot be reloaded into memory. */
class OffloadedCompactedTopicTest {

    private final KeyWorld keys = new KeyWorld(1);
    private final MergeWorld world = keys.world;
    private final OffloadMetrics metrics = new OffloadMetrics(world.meters);

    /**
     * @param maxReloaded maximum number of extents in memory up to which compacted topics are
     *     reloaded
     */
    private OffloadJob offloadedRanges(long maxReloaded) {
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
        return new OffloadJob(
                world.metadata,
                world.bucket,
                new CompactionDuties(() -> List.of(here)),
                new OffloadSettings(
                        MergeWorld.CLUSTER, 0, maxReloaded, 8, 100, 0, Duration.ofSeconds(7)),
                () -> Instant.ofEpochMilli(world.loop.nanoTime() / 1_000_000),
                metrics);
    }

    private void write(Topic topic) {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            batches.add(
                    KeyWorld.batch(
                            topic,
                            0,
                            Compression.NONE,
                            keys.record("a", "1"),
                            keys.record("a", "2")));
        }
        world.block(batches);
    }

    private void compact(Topic topic) {
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(),
                        Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0"),
                        Set.of()));
    }

    @Test
    void aJobThatRunsOnceEndsWellWithoutIt() {
        Topic offloaded = world.fixture.createTopic("a", 1, Map.of("retention.ms", "-1"));
        Topic other = world.fixture.createTopic("b", 1, Map.of("retention.ms", "-1"));
        for (int i = 0; i < 30; i++) {
            write(offloaded);
        }
        CompletableFuture<Void> left = offloadedRanges(Long.MAX_VALUE).runOnce();
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(left).isCompleted();
        assertThat(keys.log(offloaded, 0).lastOffloadedRange()).isPresent();
        write(other);
        compact(offloaded);
        compact(other);
        world.loop.advance(MergeWorld.DELAY);

        CompactionScheduler job = world.job(MergeWorld.settings());
        CompletableFuture<Integer> merged = job.runAllDue();
        world.loop.advance(Duration.ofHours(1));
        CompletableFuture<Void> stayed = offloadedRanges(10).runOnce();
        world.loop.advance(Duration.ofSeconds(1));

        assertThat(merged).isCompleted();
        assertThat(stayed).isCompleted();
        assertThat(keys.read(other, 0)).as("of the other topic").hasSize(1);
        assertThat(keys.log(offloaded, 0).lastOffloadedRange()).as("is still readable").isPresent();

        CompletableFuture<Void> back = offloadedRanges(1_000).runOnce();
        world.loop.advance(Duration.ofSeconds(1));
        CompletableFuture<Integer> again = job.runAllDue();
        world.loop.advance(Duration.ofHours(1));

        assertThat(back).isCompleted();
        assertThat(again).isCompleted();
        assertThat(keys.read(offloaded, 0)).hasSize(1);
    }

    @Test
    void whatFollowsRowsWithoutRoomWaitsForThem() {
        Topic topic = keys.topic("a", 1, Map.of("min.cleanable.dirty.ratio", "0"));
        writeSegments(topic);
        CompactionScheduler job = world.job(MergeWorld.settings());
        finish(job);
        long clean = keys.cleanedTo(topic, 0);
        assertThat(clean).isEqualTo(keys.log(topic, 0).highWatermark());
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(), Map.of("cleanup.policy", "delete"), Set.of()));
        CompletableFuture<Void> left = offloadedRanges(Long.MAX_VALUE).runOnce();
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(left).isCompleted();
        long inRows = keys.log(topic, 0).lastOffloadedRange().orElseThrow().endOffset();
        assertThat(inRows).isLessThan(clean);
        compact(topic);
        writeSegments(topic);
        finish(job);
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(clean);

        CompletableFuture<Void> back = offloadedRanges(1_000).runOnce();
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(back).isCompleted();
        finish(job);
        assertThat(keys.cleanedTo(topic, 0)).isEqualTo(keys.log(topic, 0).highWatermark());
        assertThat(keys.read(topic, 0)).hasSize(24);
    }

    /** Writes segments with records of 24 keys. */
    private void writeSegments(Topic topic) {
        for (int i = 0; i < 24; i++) {
            SimpleRecord record = keys.record("key " + i, "x".repeat(60_000));
            world.block(List.of(KeyWorld.batch(topic, 0, Compression.NONE, record)));
        }
    }

    private void finish(CompactionScheduler job) {
        CompletableFuture<Integer> done = job.runAllDue();
        world.loop.advance(Duration.ofHours(1));
        assertThat(done).isCompleted();
    }
}

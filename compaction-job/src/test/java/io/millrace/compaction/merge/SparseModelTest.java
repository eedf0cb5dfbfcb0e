package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.compaction.offload.OffloadJob;
import io.millrace.compaction.offload.OffloadMetrics;
import io.millrace.compaction.offload.OffloadSettings;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Model test of writes, trims, deletions and merges in random order, with a small limit of extents
 * in memory.
 */
class SparseModelTest {

    private static final int SEEDS = TestScale.count(8, 20);
    private static final int STEPS = 120;
    private static final Map<String, String> FOREVER = Map.of("retention.ms", "-1");

    @Test
    void noObjectOfWhichLessThanHalfIsAliveStays() {
        int offloaded = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            offloaded += new Round(seed).run();
        }
        assertThat(offloaded).as("sparse objects with offloaded extents").isPositive();
    }

    /** A run with one seed. */
    private static final class Round {

        private final long seed;
        private final MergeWorld world;
        private final List<Topic> topics = new ArrayList<>();
        private int created;

        Round(long seed) {
            this.seed = seed;
            world = new MergeWorld(seed);
            for (int i = 0; i < 4; i++) {
                create();
            }
        }

        private void create() {
            topics.add(world.fixture.createTopic("t" + created++, 2, FOREVER));
        }

        /** Returns the number of sparse objects with offloaded extents at the ends of steps. */
        int run() {
            world.start();
            offload();
            int offloaded = 0;
            for (int step = 0; step < STEPS; step++) {
                switch (world.random.nextInt(16)) {
                    case 0 -> delete();
                    case 1 -> trim();
                    case 2 -> faults();
                    case 3, 4, 5 ->
                            world.loop.advance(Duration.ofMillis(world.random.nextInt(20_000)));
                    default -> write();
                }
                offloaded +=
                        (int)
                                sparse().stream()
                                        .filter(object -> object.offloadedExtents() > 0)
                                        .count();
            }
            world.bucket.byDefault(Fault.none());
            world.loop.advance(Duration.ofDays(3));
            assertThat(sparse()).as("seed %d", seed).isEmpty();
            return offloaded;
        }

        private List<StoredObject> sparse() {
            return world.stored(ObjectId.Kind.SEGMENT).stream()
                    .filter(StoredObject::isSparse)
                    .toList();
        }

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
                                    world.random.nextInt(20),
                                    Long.MAX_VALUE,
                                    1 + world.random.nextInt(4),
                                    20,
                                    world.random.nextInt(2) * 50_000,
                                    Duration.ofSeconds(7)),
                            () -> Instant.ofEpochMilli(world.loop.nanoTime() / 1_000_000),
                            new OffloadMetrics(world.meters))
                    .start();
        }

        private void write() {
            List<Write> writes = new ArrayList<>();
            for (int i = 1 + world.random.nextInt(8); i > 0; i--) {
                writes.add(
                        new Write(
                                topics.get(world.random.nextInt(topics.size())),
                                world.random.nextInt(2),
                                1 + world.random.nextInt(9),
                                100 + world.random.nextInt(9_000)));
            }
            world.block(writes.toArray(Write[]::new));
        }

        private void delete() {
            Topic gone = topics.remove(world.random.nextInt(topics.size()));
            world.fixture.propose(new Command.TopicDeleted(gone.id()));
            create();
        }

        private void trim() {
            Topic topic = topics.get(world.random.nextInt(topics.size()));
            int partition = world.random.nextInt(2);
            var log =
                    world.fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
            long start = log.logStartOffset();
            if (log.highWatermark() > start) {
                long more = 1 + world.random.nextLong(log.highWatermark() - start);
                world.beginAt(topic, partition, start + more);
            }
        }

        private void faults() {
            ObjectStoreException away = new ObjectStoreException.Unavailable("away", null);
            world.bucket.byDefault(
                    Fault.chosen(() ->
                            world.random.nextInt(30) == 0
                                    ? Fault.failing(away)
                                    : Fault.late(
                                            world.loop,
                                            Duration.ofMillis(world.random.nextInt(900)))));
        }
    }
}

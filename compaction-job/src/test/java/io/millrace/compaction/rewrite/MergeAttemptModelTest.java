package io.millrace.compaction.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Read;
import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Model test of writes, trims and merges in random order, with a slow and failing bucket. */
class MergeAttemptModelTest {

    private static final int SEEDS = 30;
    private static final int STEPS = 150;

    @Test
    void whatIsMergedReadsTheSame() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    /** A run with one seed. */
    private static final class Run {

        private final long seed;
        private final MergeWorld world;
        private final List<Topic> topics = new ArrayList<>();
        private final Map<String, List<Read>> expected = new TreeMap<>();

        Run(long seed) {
            this.seed = seed;
            world = new MergeWorld(seed);
            topics.add(world.fixture.createTopic("z", 4));
            topics.add(world.fixture.createTopic("y", 3));
            topics.add(world.fixture.createTopic("x", 2, Map.of("retention.ms", "5000")));
        }

        void run() {
            world.start();
            for (int step = 0; step < STEPS; step++) {
                switch (world.random.nextInt(12)) {
                    case 0 -> trim();
                    case 1 -> faults();
                    case 2, 3, 4 ->
                            world.loop.advance(Duration.ofMillis(world.random.nextInt(9_000)));
                    default -> write();
                }
                compare(step);
            }
            world.bucket.byDefault(Fault.none());
            world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
            compare(STEPS);
            assertThat(world.stored(ObjectId.Kind.WAL)).as("seed %d", seed).hasSizeLessThan(2);
            assertThat(world.counted("millrace.merge.damaged")).as("seed %d", seed).isZero();
        }

        private void faults() {
            ObjectStoreException busy = new ObjectStoreException.Throttled("slow down", null);
            world.bucket.byDefault(
                    Fault.chosen(() ->
                            switch (world.random.nextInt(40)) {
                                case 0 -> Fault.failing(busy);
                                case 1 -> Fault.losingTheAnswer(busy);
                                default ->
                                        Fault.late(
                                                world.loop,
                                                Duration.ofMillis(world.random.nextInt(900)));
                            }));
        }

        private void write() {
            world.remembering = world.random.nextInt(3) == 0;
            List<Write> writes = new ArrayList<>();
            for (int i = 1 + world.random.nextInt(8); i > 0; i--) {
                Topic topic = topics.get(world.random.nextInt(topics.size()));
                writes.add(
                        new Write(
                                topic,
                                world.random.nextInt(topic.partitionCount()),
                                1 + world.random.nextInt(9),
                                100 + world.random.nextInt(6_000)));
            }
            world.block(writes.toArray(Write[]::new));
            remember();
        }

        /** Records the expected result of later reads. */
        private void remember() {
            forEach((name, now) -> {
                List<Read> known = expected.computeIfAbsent(name, none -> new ArrayList<>());
                long end = known.isEmpty() ? -1 : known.getLast().baseOffset();
                now.stream().filter(read -> read.baseOffset() > end).forEach(known::add);
            });
        }

        private void trim() {
            Topic topic = topics.get(world.random.nextInt(topics.size()));
            int partition = world.random.nextInt(topic.partitionCount());
            var log =
                    world.fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
            long start = log.logStartOffset();
            if (log.highWatermark() > start) {
                long to = start + 1 + world.random.nextLong(log.highWatermark() - start);
                world.beginAt(topic, partition, to);
                expected.getOrDefault(topic.name() + partition, new ArrayList<>())
                        .removeIf(read -> read.baseOffset() + read.offsets() <= to);
            }
        }

        private void forEach(BiConsumer<String, List<Read>> action) {
            for (Topic topic : topics) {
                for (int i = 0; i < topic.partitionCount(); i++) {
                    action.accept(topic.name() + i, world.read(topic, i));
                }
            }
        }

        private void compare(int step) {
            forEach((name, now) ->
                    assertThat(now)
                            .as("seed %d, step %d, %s", seed, step, name)
                            .isEqualTo(expected.getOrDefault(name, List.of())));
        }
    }
}

package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.compaction.merge.KeyWorld.Keyed;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/**
 * Model test of writes, merges and key compactions in random order: no record is lost that must be
 * kept.
 */
class KeyModelTest {

    private static final int SEEDS = TestScale.count(8, 25);
    private static final int STEPS = 120;
    private static final int PARTITIONS = 3;
    private static final long TOMBSTONES_STAY_MS = 60_000;

    /** Longer than a step, because events in a step are observed at its end. */
    private static final long STEP_MS = 10_000;

    private static final List<Compression> COMPRESSIONS =
            List.of(
                    Compression.NONE,
                    Compression.zstd().build(),
                    Compression.lz4().build(),
                    Compression.gzip().build());

    @Test
    void readersOfACompactedTopicSeeTheSameState() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    /** Expected contents of one partition. */
    private static final class Model {
        /** Records written and not trimmed. */
        final TreeMap<Long, Keyed> written = new TreeMap<>();

        /**
         * By offset of a tombstone, the time when all records deleted by the tombstone were seen to
         * be gone.
         */
        final Map<Long, Long> alone = new HashMap<>();

        long nextOffset;

        Map<String, Entry<Long, Keyed>> newest() {
            Map<String, Entry<Long, Keyed>> newest = new HashMap<>();
            written.entrySet().forEach(keyed -> newest.put(keyed.getValue().key(), keyed));
            return newest;
        }
    }

    /** A run with one seed. */
    private static final class Run {

        private final long seed;
        private final KeyWorld keys;
        private final MergeWorld world;
        private final SplittableRandom random;
        private final Topic topic;
        private final List<Model> models = new ArrayList<>();

        Run(long seed) {
            this.seed = seed;
            keys = new KeyWorld(seed);
            world = keys.world;
            random = world.random;
            topic =
                    keys.topic(
                            "t",
                            PARTITIONS,
                            Map.of(
                                    "delete.retention.ms", "" + TOMBSTONES_STAY_MS,
                                    "min.cleanable.dirty.ratio", random.nextBoolean() ? "0.3" : "0",
                                    "segment.compression",
                                            random.nextBoolean() ? "zstd:3" : "off"));
            for (int i = 0; i < PARTITIONS; i++) {
                models.add(new Model());
            }
        }

        void run() {
            world.job(MergeWorld.settings(), 1 + random.nextInt(2)).start();
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> trim();
                    case 1 -> faults();
                    case 2, 3, 4, 5 ->
                            world.loop.advance(Duration.ofMillis(random.nextLong(STEP_MS)));
                    default -> write();
                }
                check(step);
            }
            world.bucket.byDefault(Fault.none());
            // After their cooldown, inputs are due again, and all old blocks are merged.
            world.loop.advance(MergeWorld.DELAY.multipliedBy(3));
            for (int i = 0; i < PARTITIONS; i++) {
                checkClean(i);
            }
            assertThat(world.counted("millrace.merge.damaged")).as("seed %d", seed).isZero();
            assertThat(world.counted("millrace.merge.key.compactions"))
                    .as("seed %d", seed)
                    .isPositive();
        }

        private void faults() {
            ObjectStoreException busy = new ObjectStoreException.Throttled("slow down", null);
            world.bucket.byDefault(
                    Fault.chosen(() ->
                            switch (random.nextInt(40)) {
                                case 0 -> Fault.failing(busy);
                                case 1 -> Fault.losingTheAnswer(busy);
                                default ->
                                        Fault.late(
                                                world.loop, Duration.ofMillis(random.nextInt(900)));
                            }));
        }

        private void write() {
            List<Batch> batches = new ArrayList<>();
            for (int i = 1 + random.nextInt(5); i > 0; i--) {
                int partition = random.nextInt(PARTITIONS);
                SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(8)];
                Model model = models.get(partition);
                for (int j = 0; j < records.length; j++) {
                    String key = "key " + random.nextInt(1 << (1 + random.nextInt(6)));
                    boolean deletes = random.nextInt(4) == 0;
                    String value = deletes ? "" : "x".repeat(random.nextInt(900)) + seed;
                    records[j] = keys.record(key, deletes ? null : value);
                    model.written.put(model.nextOffset, new Keyed(key, value, keys.nowMs()));
                    model.nextOffset++;
                }
                Compression with = COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
                batches.add(KeyWorld.batch(topic, partition, with, records));
            }
            world.block(batches);
        }

        private void trim() {
            int partition = random.nextInt(PARTITIONS);
            Model model = models.get(partition);
            long start = keys.log(topic, partition).logStartOffset();
            if (random.nextInt(4) == 0 && model.nextOffset > start) {
                long to = start + 1 + random.nextLong(model.nextOffset - start);
                world.beginAt(topic, partition, to);
                model.written.headMap(to).clear();
            }
        }

        private void check(int step) {
            for (int i = 0; i < PARTITIONS; i++) {
                String where = "seed %d, step %d, partition %d".formatted(seed, step, i);
                Model model = models.get(i);
                TreeMap<Long, Keyed> read = keys.read(topic, i);
                assertThat(model.written.entrySet())
                        .as("%s: as they were written", where)
                        .containsAll(read.entrySet());
                model.newest()
                        .forEach((key, newest) -> {
                            if (read.containsKey(newest.getKey())) {
                                return;
                            }
                            assertThat(newest.getValue().value())
                                    .as("%s: %s", where, newest)
                                    .isEmpty();
                            assertThat(read.values())
                                    .as("%s: deleted %s", where, key)
                                    .noneMatch(keyed -> keyed.key().equals(key));
                        });
                checkTombstones(where, model, read);
            }
        }

        /**
         * Checks that a reader that received a deleted record has time to receive its tombstone.
         */
        private void checkTombstones(String where, Model model, TreeMap<Long, Keyed> read) {
            model.newest()
                    .forEach((key, newest) -> {
                        long offset = newest.getKey();
                        boolean deleted = newest.getValue().value().isEmpty();
                        boolean isAlone =
                                read.headMap(offset).values().stream()
                                        .noneMatch(keyed -> keyed.key().equals(key));
                        boolean hadOthers =
                                model.written.headMap(offset).values().stream()
                                        .anyMatch(keyed -> keyed.key().equals(key));
                        if (!deleted || !hadOthers) {
                            return;
                        }
                        if (!read.containsKey(offset)) {
                            assertThat(
                                            keys.nowMs()
                                                    - model.alone.getOrDefault(
                                                            offset, keys.nowMs()))
                                    .as("%s: tombstone %s", where, newest)
                                    .isGreaterThan(TOMBSTONES_STAY_MS - STEP_MS);
                        } else if (isAlone) {
                            model.alone.putIfAbsent(offset, keys.nowMs());
                        }
                    });
        }

        private void checkClean(int partition) {
            TreeMap<Long, Keyed> read = keys.read(topic, partition);
            List<String> cleaned =
                    read.headMap(keys.cleanedTo(topic, partition)).values().stream()
                            .map(Keyed::key)
                            .toList();
            assertThat(cleaned)
                    .as("seed %d, partition %d", seed, partition)
                    .doesNotHaveDuplicates();
        }
    }
}

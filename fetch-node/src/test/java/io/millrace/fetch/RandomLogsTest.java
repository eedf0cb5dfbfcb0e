package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.ObjectRef;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests that random reads of random logs return the written batches. */
final class RandomLogsTest {

    private static final int PARTITIONS = 5;

    @Test
    void readsReturnRecordsAsWritten() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            FetchWorld world = world(seed, random.nextBoolean());
            Topic topic = world.topic("t", PARTITIONS);
            fill(world, topic, random);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                readThrough(world, topic, partition, random, seed);
            }
        }
    }

    @Test
    void offloadedExtentsAreServedLikeExtentsInMemory() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            FetchWorld world = world(seed, random.nextBoolean());
            Topic topic = world.topic("t", PARTITIONS);
            fill(world, topic, random);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                world.offload(topic, partition, 1 + random.nextInt(3), 1 + random.nextInt(4));
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                readThrough(world, topic, partition, random, seed);
            }
        }
    }

    @Test
    void aFlippedByteInAnyPageIsNeverServed() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            FetchWorld world = world(seed, random.nextBoolean());
            Topic topic = world.topic("t", 1);
            List<Written> batches = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                batches.add(new Written(topic, 0, world.batch(2, 100 + random.nextInt(60_000), i)));
            }
            ObjectRef object = world.write(batches);
            world.damage(object, random.nextInt((int) object.indexPosition()));

            long end = world.end(topic, 0);
            for (long offset = 0; offset < end; offset++) {
                switch (world.fetch("t", 0, offset, 1)) {
                    case PartitionResult.Failed failed ->
                            assertThat(failed.problem().message()).contains(object.id().toString());
                    case PartitionResult.Fetched fetched ->
                            assertThat(fetched.batches().toByteArray())
                                    .describedAs("seed %d offset %d", seed, offset)
                                    .isEqualTo(world.served(topic, 0).get((int) offset / 2));
                }
            }
        }
    }

    private static FetchWorld world(long seed, boolean readAhead) {
        return new FetchWorld(
                new FetchSettings(
                        FetchWorld.CLUSTER,
                        1 << 20,
                        300 << 10,
                        FetchWorld.CHUNK,
                        3,
                        2 * FetchWorld.CHUNK,
                        readAhead ? 3 : 0,
                        100,
                        64 << 20),
                seed);
    }

    private static void fill(FetchWorld world, Topic topic, Random random) {
        for (int object = 0; object < 6; object++) {
            List<Written> batches = new ArrayList<>();
            int count = 1 + random.nextInt(30);
            for (int i = 0; i < count; i++) {
                int bytes = random.nextInt(8) == 0 ? random.nextInt(150_000) : random.nextInt(3000);
                batches.add(
                        new Written(
                                topic,
                                random.nextInt(PARTITIONS),
                                world.batch(1 + random.nextInt(5), bytes, object)));
            }
            if (random.nextBoolean()) {
                world.writeRecent(batches);
            } else {
                world.write(batches);
            }
        }
    }

    /** Reads a partition from a random offset to its end, together with other partitions. */
    private static void readThrough(
            FetchWorld world, Topic topic, int partition, Random random, long seed) {
        long end = world.end(topic, partition);
        long offset = end == 0 ? 0 : random.nextLong(end);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (byte[] batch : world.served(topic, partition)) {
            if (BatchHeader.baseOffset(batch, 0) + BatchHeader.offsetCount(batch, 0) > offset) {
                expected.writeBytes(batch);
            }
        }
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (int fetches = 0; offset < end && fetches < 1000; fetches++) {
            int maxBytes = 1 + random.nextInt(random.nextBoolean() ? 4000 : 400_000);
            long from = offset;
            FetchResult result =
                    world.fetch(
                            new FetchQuery(
                                    IntStream.range(0, PARTITIONS)
                                            .mapToObj(i -> (partition + i) % PARTITIONS)
                                            .map(p ->
                                                    new FetchQuery.PartitionQuery(
                                                            "t", p, p == partition ? from : 0, 0))
                                            .toList(),
                                    Duration.ZERO,
                                    1,
                                    maxBytes));
            var first = (PartitionResult.Fetched) result.partitions().getFirst();
            byte[] bytes = first.batches().toByteArray();
            int total =
                    result.partitions().stream()
                            .mapToInt(p -> ((PartitionResult.Fetched) p).batches().sizeBytes())
                            .sum();
            assertThat(total).describedAs("seed %d offset %d", seed, offset).isPositive();
            assertThat(
                            total <= maxBytes
                                    || (bytes.length > 0
                                            && total == BatchHeader.sizeBytes(bytes, 0)))
                    .describedAs("seed %d: %d bytes for %d", seed, total, maxBytes)
                    .isTrue();
            read.writeBytes(bytes);
            for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeBytes(bytes, at)) {
                offset = BatchHeader.baseOffset(bytes, at) + BatchHeader.offsetCount(bytes, at);
            }
        }
        assertThat(read.toByteArray())
                .describedAs("seed %d partition %d", seed, partition)
                .isEqualTo(expected.toByteArray());
    }
}

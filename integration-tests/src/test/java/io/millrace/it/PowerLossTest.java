package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.runtime.disk.CrashingDisk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The power fails at any operation of the only disk, which holds the log and the bucket. */
class PowerLossTest {

    private static final int PARTITIONS = 3;

    private record Sent(
            int partition, List<String> values, AtomicReference<Optional<ProduceOutcome>> reply) {}

    @Test
    void everyAcknowledgedRecordIsStoredOnceAtItsOffset() throws IOException {
        int acknowledged = 0;
        for (int seed = 0; seed < 60; seed++) {
            acknowledged += run(seed);
        }
        assertThat(acknowledged).as("records that could have been lost").isGreaterThan(1000);
    }

    private static int run(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CrashingDisk disk = new CrashingDisk();
        if (!new NodeOnDisk(disk, random).createTopic("t", PARTITIONS)) {
            throw new AssertionError("no topic");
        }
        disk.crash(random::nextLong);
        List<Map<Long, String>> acknowledged = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            acknowledged.add(new TreeMap<>());
        }
        for (int life = 0; life < 4; life++) {
            live(seed + "." + life, disk, random, acknowledged);
            disk.crash(random::nextLong);
            check("seed %d, life %d".formatted(seed, life), disk, random, acknowledged);
            disk.crash(random::nextLong);
        }
        return acknowledged.stream().mapToInt(Map::size).sum();
    }

    private static void live(
            String name,
            CrashingDisk disk,
            SplittableRandom random,
            List<Map<Long, String>> acknowledged)
            throws IOException {
        NodeOnDisk node = new NodeOnDisk(disk, random);
        List<Sent> sent = new ArrayList<>();
        disk.stopAtOperation(1 + random.nextInt(150));
        for (int i = 0; i < 60; i++) {
            int partition = random.nextInt(PARTITIONS);
            List<String> values = new ArrayList<>();
            for (int record = random.nextInt(4); record >= 0; record--) {
                values.add(name + "." + i + "." + record);
            }
            byte[] batch =
                    KafkaBatches.batch(
                            values.stream().map(v -> v.getBytes(UTF_8)).toArray(byte[][]::new));
            sent.add(
                    new Sent(
                            partition,
                            values,
                            node.produce(random.nextInt(3), "t", partition, batch)));
            node.pass(Duration.ofMillis(random.nextInt(60)));
        }
        for (Sent each : sent) {
            if (each.reply().get().orElse(null)
                    instanceof ProduceOutcome.Acknowledged(long base, _, _, _)) {
                for (int i = 0; i < each.values().size(); i++) {
                    acknowledged.get(each.partition()).put(base + i, each.values().get(i));
                }
            }
        }
    }

    private static void check(
            String where,
            CrashingDisk disk,
            SplittableRandom random,
            List<Map<Long, String>> acknowledged)
            throws IOException {
        NodeOnDisk node = new NodeOnDisk(disk, random);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<KafkaBatches.Read> records = node.read("t", partition);
            List<String> values =
                    records.stream().map(record -> new String(record.value(), UTF_8)).toList();
            acknowledged
                    .get(partition)
                    .forEach((offset, value) ->
                            assertThat(values)
                                    .as(where)
                                    .element(offset.intValue())
                                    .isEqualTo(value));
            assertThat(new HashSet<>(values)).as("%s: once", where).hasSameSizeAs(values);
        }
    }
}

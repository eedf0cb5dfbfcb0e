package io.millrace.it.load;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A consumer of many partitions of which few receive records, beside a consumer of only those few:
 * what the fetch of partitions without new records costs the server.
 */
@SystemAccess("measures a server")
final class SparseReadLoad {

    private static final String TOPIC = "sparse";
    private static final int RECORD_BYTES = 1024;
    private static final int ROUNDS = 5;
    private static final int WARM_UP_SECONDS = 60;

    private final String address;
    private final ServerProcess server;
    private final int partitions;
    private final int filled;

    SparseReadLoad(String address, ServerProcess server, int partitions, int filled) {
        this.address = address;
        this.server = server;
        this.partitions = partitions;
        this.filled = filled;
    }

    /**
     * Prints the server's CPU while one producer sends a number of records a second: without a
     * consumer, with one of the filled partitions, and with one of all partitions.
     */
    void run(int recordsPerSecond, int seconds) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1))).all().get();
        }
        Thread.ofPlatform().daemon().start(() -> produce(recordsPerSecond));
        List<Double> few = new ArrayList<>();
        List<Double> all = new ArrayList<>();
        // The JIT compiler of the server takes CPU as well.
        double warmUp = cpuOf(partitions, WARM_UP_SECONDS);
        System.out.printf("warm-up: CPU %.1f %% of a core%n", warmUp);
        for (int round = 1; round <= ROUNDS; round++) {
            double none = cpuOf(0, seconds);
            few.add(cpuOf(filled, seconds) - none);
            all.add(cpuOf(partitions, seconds) - none);
            System.out.printf(
                    "round %d, %d records/s into %d partitions: producer %.1f %%, consumer of these +%.1f %%,"
                            + " consumer of %d +%.1f %% of a core%n",
                    round,
                    recordsPerSecond,
                    filled,
                    none,
                    few.getLast(),
                    partitions,
                    all.getLast());
        }
        System.out.printf(
                "median: %.1f %% and %.1f %% of a core, ratio %.2f%n",
                median(few), median(all), median(all) / median(few));
    }

    /** Returns the server's CPU as a percentage of a core, beside a consumer of a number. */
    private double cpuOf(int consumed, int seconds) throws Exception {
        if (consumed == 0) {
            return percent(() -> Thread.sleep(Duration.ofSeconds(seconds)), seconds);
        }
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", address),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> assigned = new ArrayList<>();
            for (int i = 0; i < consumed; i++) {
                assigned.add(new TopicPartition(TOPIC, i));
            }
            consumer.assign(assigned);
            consumer.seekToEnd(assigned);
            poll(consumer, 5);
            return percent(() -> poll(consumer, seconds), seconds);
        }
    }

    private double percent(Step step, int seconds) throws Exception {
        double before = server.cpuSeconds();
        step.run();
        return 100 * (server.cpuSeconds() - before) / seconds;
    }

    private static void poll(KafkaConsumer<byte[], byte[]> consumer, int seconds) {
        long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        long records = 0;
        while (System.nanoTime() - until < 0) {
            records += consumer.poll(Duration.ofMillis(100)).count();
        }
        if (records == 0) {
            throw new IllegalStateException("the consumer received no records");
        }
    }

    private void produce(int recordsPerSecond) {
        byte[] record = new byte[RECORD_BYTES];
        long pauseNanos = Duration.ofSeconds(1).toNanos() / recordsPerSecond;
        long due = System.nanoTime();
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", address, "linger.ms", 20),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (int number = 0; ; number++) {
                producer.send(new ProducerRecord<>(TOPIC, number % filled, null, record));
                due += pauseNanos;
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private interface Step {
        void run() throws Exception;
    }
}

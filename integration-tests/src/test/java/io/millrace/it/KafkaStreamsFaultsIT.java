package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The word count of Kafka Streams on three nodes in two zones, at least once, in two processes with
 * two threads each. Each node is killed in turn, and then a process, whose counts the other one
 * restores from the changelog.
 */
@SystemAccess("measures times")
@Timeout(600)
@Tag(TestScale.FULL)
class KafkaStreamsFaultsIT {

    private static final List<String> ZONES = List.of("a", "a", "b");
    private static final int NODES = ZONES.size();
    private static final int PARTITIONS = 4;
    private static final int FREQUENT_WORDS = 20;
    private static final int MORE = 25;
    private static final String LINES = "streams-plaintext-input";
    private static final String COUNTS = "streams-wordcount-output";

    @TempDir Path folder;
    private EtcdServer etcd;
    private SharedServers.Bucket s3;
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private final int[] ports =
            IntStream.range(0, 2 * NODES).map(i -> MillraceProcess.stablePort()).toArray();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        s3 = SharedServers.newBucket();
        nodes.addAll(
                MillraceProcess.allReady(
                        IntStream.range(0, NODES).mapToObj(this::launch).toList()));
        try (Admin admin = Admin.create(client("a"))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(LINES, PARTITIONS, (short) 1),
                                    new NewTopic(COUNTS, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(int node) {
        return MillraceProcess.launchNode(
                ports[node],
                Map.of(
                        "MILLRACE_NODE_LEASE_S",
                        "2",
                        "AWS_ACCESS_KEY_ID",
                        "any",
                        "AWS_SECRET_ACCESS_KEY",
                        "any"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                s3.url(),
                "--s3-endpoint",
                s3.endpoint().toString(),
                "--node-id",
                "node-" + node,
                "--zone",
                ZONES.get(node),
                "--kafka-port",
                Integer.toString(ports[NODES + node]));
    }

    private Map<String, Object> client(String zone) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(
                "bootstrap.servers",
                String.join(",", nodes.stream().map(MillraceProcess::kafkaAddress).toList()));
        settings.put("client.id", "test,zone=" + zone);
        settings.put("reconnect.backoff.max.ms", "500");
        return settings;
    }

    private ExternalProgram.Running application(String zone) throws IOException {
        Map<String, Object> settings = client(zone);
        settings.put("client.id", "words,zone=" + zone);
        settings.put("state.dir", folder.resolve("state-" + zone));
        settings.put("num.stream.threads", 2);
        settings.put("processing.guarantee", "at_least_once");
        settings.put("commit.interval.ms", 1000);
        settings.put("consumer.session.timeout.ms", 10_000);
        List<String> lines = new ArrayList<>();
        settings.forEach((key, value) -> lines.add(key + "=" + value));
        Path file = Files.write(folder.resolve(zone + ".properties"), lines);
        return ExternalProgram.start(
                ExternalProgram.java(
                        "tools",
                        List.of(),
                        "org.apache.kafka.streams.examples.wordcount.WordCountDemo",
                        file.toString()),
                Map.of(),
                folder.resolve(zone + ".log"));
    }

    /** Returns the number, a word of this record only, and two frequent words. */
    private static String text(int partition, long number) {
        return "%d %s w%d v%d"
                .formatted(
                        number,
                        onlyIn(partition, number),
                        number % FREQUENT_WORDS,
                        number % (FREQUENT_WORDS + 1));
    }

    private static String onlyIn(int partition, long number) {
        return "p" + partition + "n" + number;
    }

    private static Map<String, Long> words(List<List<Long>> stored) {
        Map<String, Long> counts = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (long number : stored.get(partition)) {
                for (String word : text(partition, number).split(" ")) {
                    counts.merge(word, 1L, Long::sum);
                }
            }
        }
        return counts;
    }

    /** The last count of each word in the output of the application. Used by one thread. */
    private static final class Counts implements AutoCloseable {

        private final KafkaConsumer<String, Long> consumer;
        private final Map<String, Long> last = new HashMap<>();

        Counts(Map<String, Object> settings) {
            consumer =
                    new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer());
            List<TopicPartition> all =
                    IntStream.range(0, PARTITIONS)
                            .mapToObj(partition -> new TopicPartition(COUNTS, partition))
                            .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
        }

        private void read() {
            consumer.poll(Duration.ofMillis(100))
                    .forEach(record -> last.put(record.key(), record.value()));
        }

        private long of(String word) {
            return last.getOrDefault(word, 0L);
        }

        /** Waits until further records of each partition, not sent yet, have been counted. */
        void awaitMore(KafkaSteadyProducer producer) {
            List<String> awaited =
                    IntStream.range(0, PARTITIONS)
                            .mapToObj(partition ->
                                    onlyIn(partition, producer.acknowledged(partition) + MORE))
                            .toList();
            Eventually.await(
                    () -> awaited + " among " + last.size() + " words",
                    () -> {
                        read();
                        return awaited.stream().allMatch(word -> of(word) > 0);
                    });
        }

        /** Waits until no word has a lower count. */
        void awaitAtLeast(Map<String, Long> counts) {
            Eventually.await(
                    () -> "all words of " + counts + ": " + last,
                    () -> {
                        read();
                        return counts.keySet().stream()
                                .allMatch(word -> of(word) >= counts.getOrDefault(word, 0L));
                    });
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    @Test
    void noWordIsLostWhenNodesAndAnInstanceAreKilled() throws Exception {
        try (ExternalProgram.Running first = application("a");
                ExternalProgram.Running second = application("b");
                KafkaSteadyProducer producer =
                        new KafkaSteadyProducer(
                                client("a"),
                                LINES,
                                PARTITIONS,
                                KafkaStreamsFaultsIT::text,
                                Duration.ofMillis(10));
                Counts counts = new Counts(client("b"))) {
            counts.awaitMore(producer);
            for (int node = 0; node < NODES; node++) {
                producer.takeLongestSilence();
                long killed = System.nanoTime();
                nodes.get(node).kill();
                counts.awaitMore(producer);
                System.out.printf(
                        "KafkaStreamsFaultsIT: node %d of zone %s killed: a partition without acknowledgements for %d ms, its records counted after %d ms%n",
                        node,
                        ZONES.get(node),
                        producer.takeLongestSilence().toMillis(),
                        Duration.ofNanos(System.nanoTime() - killed).toMillis());
                nodes.set(node, launch(node).awaitReady());
                counts.awaitMore(producer);
            }
            second.close();
            counts.awaitMore(producer);
            assertThat(first.process().isAlive()).as(first::text).isTrue();

            List<List<Long>> sent = producer.finish();
            List<List<Long>> stored = KafkaSteadyProducer.readAll(client("a"), LINES, PARTITIONS);
            for (int i = 0; i < PARTITIONS; i++) {
                assertThat(stored.get(i))
                        .as("partition %d", i)
                        .isEqualTo(LongStream.range(0, sent.get(i).size()).boxed().toList());
            }
            Map<String, Long> words = words(stored);
            counts.awaitAtLeast(words);
            assertThat(counts.last).containsOnlyKeys(words.keySet());
            long total = sum(words);
            System.out.printf(
                    "KafkaStreamsFaultsIT: %d words, %d of them counted repeatedly%n",
                    total, sum(counts.last) - total);
        }
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}

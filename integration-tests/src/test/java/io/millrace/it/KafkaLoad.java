package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Producers and groups of Kafka's Java client and of librdkafka, with the checker of their records.
 *
 * <ul>
 *   <li>Records of an idempotent producer are stored once and in order.
 *   <li>Records of another producer are stored at least once. The Java client tells how many
 *       records it sent again: no more are doubled.
 *   <li>An acknowledged offset has the acknowledged record.
 *   <li>Groups process each record, and commit none that they have not processed.
 * </ul>
 *
 * <p>Used by one thread.
 */
final class KafkaLoad implements AutoCloseable {

    static final String JAVA = "java";
    static final String JAVA_PLAIN = "java-plain";
    static final String LIBRDKAFKA = "librdkafka";
    static final String LIBRDKAFKA_PLAIN = "librdkafka-plain";
    static final List<String> TOPICS = List.of(JAVA, JAVA_PLAIN, LIBRDKAFKA, LIBRDKAFKA_PLAIN);

    /** The groups: one of each protocol, and one with members of both clients. */
    static final String CLASSIC = "classic";

    static final String CONSUMER = "consumer";
    static final String MIXED = "mixed";

    /** Enough to be sure that all partitions are written to and fetched from. */
    private static final int MORE = 200;

    private record Group(String topic, GroupProgress progress) {}

    private final Supplier<Map<String, Object>> client;
    private final int partitions;
    private final DebianProgram librdkafka;
    private final List<SteadyProducer> producers = new ArrayList<>();
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final List<AutoCloseable> clients = new ArrayList<>();

    /**
     * @param client the settings of a new Java client
     * @param partitions the number of partitions of each topic
     */
    KafkaLoad(Supplier<Map<String, Object>> client, int partitions) throws Exception {
        this.client = client;
        this.partitions = partitions;
        this.librdkafka = DebianProgram.of("python3-confluent-kafka");
    }

    /** Starts producers of all kinds, and all groups with two members each. */
    KafkaLoad startAll() throws IOException {
        TOPICS.forEach(this::produce);
        for (String group : List.of(CLASSIC, CONSUMER, MIXED)) {
            join(group);
            join(group);
        }
        return this;
    }

    /** Starts the producer of a topic. */
    SteadyProducer produce(String topic) {
        boolean idempotent = isIdempotent(topic);
        try {
            SteadyProducer producer =
                    topic.startsWith(LIBRDKAFKA)
                            ? new LibrdkafkaProducer(
                                    librdkafka, servers(), topic, partitions, idempotent)
                            : javaProducer(topic, idempotent);
            producers.add(producer);
            clients.add(producer);
            return producer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isIdempotent(String topic) {
        return topic.equals(JAVA) || topic.equals(LIBRDKAFKA);
    }

    private KafkaSteadyProducer javaProducer(String topic, boolean idempotent) {
        Map<String, Object> settings = new HashMap<>(client.get());
        settings.put("enable.idempotence", Boolean.toString(idempotent));
        return new KafkaSteadyProducer(settings, topic, partitions);
    }

    private String servers() {
        return String.valueOf(client.get().get("bootstrap.servers"));
    }

    /** Starts another member of a group. */
    void join(String group) throws IOException {
        String topic = group.equals(MIXED) ? LIBRDKAFKA : JAVA;
        Group joined =
                groups.computeIfAbsent(
                        group, name -> new Group(topic, new GroupProgress(name, partitions)));
        boolean firstOfMixed =
                group.equals(MIXED)
                        && clients.stream().noneMatch(LibrdkafkaMember.class::isInstance);
        if (firstOfMixed) {
            clients.add(
                    new LibrdkafkaMember(librdkafka, servers(), group, topic, joined.progress()));
            return;
        }
        Map<String, Object> settings = new HashMap<>(client.get());
        settings.put("group.id", group);
        settings.put("group.protocol", group.equals(CONSUMER) ? "consumer" : "classic");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        if (!group.equals(CONSUMER)) {
            settings.put("session.timeout.ms", "10000");
        }
        clients.add(new KafkaGroupReader(settings, topic, joined.progress()));
    }

    /** Waits until each producer has further acknowledgements. */
    void awaitMore(int records) {
        producers.forEach(producer -> producer.awaitMore(records));
    }

    /** Waits until each producer and each group continues. */
    void awaitProgress() {
        awaitMore(MORE);
        groups.values().forEach(group -> awaitProgress(group.progress()));
    }

    private void awaitProgress(GroupProgress group) {
        int[] before = group.processed();
        Eventually.await(
                () -> "progress in all partitions: " + group,
                () -> {
                    int[] now = group.processed();
                    return IntStream.range(0, partitions).allMatch(i -> now[i] > before[i])
                            || !group.violations().isEmpty();
                });
        assertThat(group.violations()).isEmpty();
    }

    /** Returns the number of acknowledged records of each producer. */
    Map<String, Long> acknowledged() {
        Map<String, Long> counts = new LinkedHashMap<>();
        producers.forEach(producer -> counts.put(producer.topic(), producer.acknowledged()));
        return counts;
    }

    /** Ends the producers and checks all records. */
    void finish() throws Exception {
        for (SteadyProducer producer : producers) {
            List<List<Long>> sent = producer.finish();
            List<List<Long>> stored =
                    KafkaSteadyProducer.readAll(client.get(), producer.topic(), partitions);
            StoredNumbers numbers = new StoredNumbers(producer.topic(), sent, stored);
            if (isIdempotent(producer.topic())) {
                numbers.checkExactlyOnce();
            } else {
                numbers.checkAtLeastOnce(producer.sentAgain());
            }
            for (Group group : groups.values()) {
                if (group.topic().equals(producer.topic())) {
                    checkRead(group.progress(), stored);
                }
            }
            System.out.printf("KafkaLoad: %s, %s sent again%n", numbers, producer.sentAgain());
        }
    }

    private static void checkRead(GroupProgress group, List<List<Long>> stored) {
        int[] ends = stored.stream().mapToInt(List::size).toArray();
        Eventually.await(
                () -> "all records of " + Arrays.toString(ends) + ": " + group,
                () -> Arrays.equals(group.processed(), ends) || !group.violations().isEmpty());
        assertThat(group.violations()).isEmpty();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : clients.reversed()) {
            each.close();
        }
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A {@link SteadyProducer} on Kafka's Java client, whose texts begin with the numbers. Used by one
 * thread.
 */
@SystemAccess("makes a thread and waits in real time")
final class KafkaSteadyProducer implements SteadyProducer {

    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

    /** The values of the records. */
    interface Texts {

        /** Returns a text that begins with the number, which a blank ends. */
        String of(int partition, long number);
    }

    private final String topic;
    private final int partitions;
    private final KafkaProducer<String, String> producer;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLongArray acknowledgedOf;
    private final AtomicLongArray lastNanos;
    private final AtomicLong longestNanos = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopped;

    KafkaSteadyProducer(Map<String, Object> settings, String topic, int partitions) {
        this(settings, topic, partitions, (partition, number) -> Long.toString(number), PAUSE);
    }

    /**
     * @param pause the time between two records
     */
    KafkaSteadyProducer(
            Map<String, Object> settings,
            String topic,
            int partitions,
            Texts texts,
            Duration pause) {
        this.topic = topic;
        this.partitions = partitions;
        this.acknowledgedOf = new AtomicLongArray(partitions);
        this.lastNanos = new AtomicLongArray(partitions);
        Map<String, Object> own = new HashMap<>(settings);
        own.put("linger.ms", "5");
        this.producer = new KafkaProducer<>(own, new StringSerializer(), new StringSerializer());
        this.thread =
                Thread.ofPlatform().name("producer of " + topic).start(() -> send(texts, pause));
    }

    private void send(Texts texts, Duration pause) {
        for (long number = 0; !stopped; number++) {
            int partition = (int) (number % partitions);
            sent.add(
                    producer.send(
                            new ProducerRecord<>(
                                    topic,
                                    partition,
                                    "k",
                                    texts.of(partition, number / partitions)),
                            (stored, failure) -> {
                                if (failure == null) {
                                    acknowledge(partition);
                                }
                            }));
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    private void acknowledge(int partition) {
        acknowledged.incrementAndGet();
        acknowledgedOf.incrementAndGet(partition);
        long now = System.nanoTime();
        long before = lastNanos.getAndSet(partition, now);
        if (before != 0) {
            longestNanos.accumulateAndGet(now - before, Math::max);
        }
    }

    long acknowledged(int partition) {
        return acknowledgedOf.get(partition);
    }

    /** Returns the longest time without an acknowledgement of a partition since the last call. */
    Duration takeLongestSilence() {
        return Duration.ofNanos(longestNanos.getAndSet(0));
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public List<List<Long>> finish() throws Exception {
        stopped = true;
        thread.join();
        List<List<Long>> offsets = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            offsets.add(new ArrayList<>());
        }
        for (int i = 0; i < sent.size(); i++) {
            offsets.get(i % partitions).add(sent.get(i).get().offset());
        }
        return offsets;
    }

    /** Returns the client's own count of the records that were sent again. */
    @Override
    public OptionalLong sentAgain() {
        return OptionalLong.of(
                producer.metrics().entrySet().stream()
                        .filter(metric ->
                                metric.getKey().group().equals("producer-metrics")
                                        && metric.getKey().name().equals("record-retry-total"))
                        .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
                        .sum());
    }

    /** Reads all numbers of each partition. */
    static List<List<Long>> readAll(Map<String, Object> settings, String topic, int partitions) {
        List<TopicPartition> all = new ArrayList<>();
        List<List<Long>> numbers = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(topic, i));
            numbers.add(new ArrayList<>());
        }
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long[] ends = new long[partitions];
            consumer.endOffsets(all).forEach((partition, end) -> ends[partition.partition()] = end);
            long left = Arrays.stream(ends).sum();
            while (left > 0) {
                var batch = consumer.poll(LONGEST_SILENCE);
                assertThat(batch.isEmpty())
                        .as("%d records of %s are missing", left, topic)
                        .isFalse();
                for (ConsumerRecord<String, String> record : batch) {
                    List<Long> read = numbers.get(record.partition());
                    assertThat(record.offset()).isEqualTo(read.size());
                    read.add(Long.valueOf(record.value().split(" ", 2)[0]));
                    left--;
                }
            }
        }
        return numbers;
    }

    @Override
    public void close() {
        stopped = true;
        producer.close(Duration.ZERO);
    }
}

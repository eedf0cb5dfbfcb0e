package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own producer and consumer against a server. */
@Timeout(240)
class KafkaRecordsIT {

    private static final int PARTITIONS = 8;
    private static final int RECORDS = TestScale.count(4_000, 100_000);
    private static final String TOPIC = "orders";

    @TempDir Path data;

    @Test
    void recordsAreReadInOrderWithTheirOffsetsAndTimes() throws Exception {
        try (MillraceProcess server = MillraceProcess.up(data)) {
            server.createTopic(TOPIC, PARTITIONS);
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            try (KafkaProducer<String, String> producer = producer(server.kafkaAddress())) {
                for (int i = 0; i < RECORDS; i++) {
                    sent.add(producer.send(record(i)));
                }
            }
            for (int i = 0; i < RECORDS; i++) {
                assertThat(sent.get(i).get().offset()).isEqualTo(i / PARTITIONS);
            }
            try (KafkaConsumer<String, String> consumer = consumer(server.kafkaAddress())) {
                assertAllAreRead(consumer, RECORDS);
                TopicPartition third = new TopicPartition(TOPIC, 3);
                assertThat(
                                consumer.offsetsForTimes(Map.of(third, 1_000L + 3 + 5 * PARTITIONS))
                                        .get(third))
                        .isNotNull()
                        .extracting(OffsetAndTimestamp::offset)
                        .isEqualTo(5L);
                assertThat(consumer.beginningOffsets(List.of(third))).containsEntry(third, 0L);
                assertThat(consumer.endOffsets(List.of(third)))
                        .containsEntry(third, (long) RECORDS / PARTITIONS);
            }
        }
    }

    @Test
    void anIdempotentProducerSurvivesAKilledServerWithoutLossOrDuplicates() throws Exception {
        int grpcPort = MillraceProcess.stablePort();
        String kafkaPort = "" + MillraceProcess.stablePort();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        MillraceProcess server = MillraceProcess.up(data, grpcPort, "--kafka-port", kafkaPort);
        try (KafkaProducer<String, String> producer = producer("localhost:" + kafkaPort)) {
            server.createTopic(TOPIC, PARTITIONS);
            for (int i = 0; i < RECORDS / 2; i++) {
                sent.add(producer.send(record(i)));
            }
            sent.get(RECORDS / 8).get();
            // Batches of the first half are in flight.
            server.kill();
            server = MillraceProcess.up(data, grpcPort, "--kafka-port", kafkaPort);
            for (int i = RECORDS / 2; i < RECORDS; i++) {
                sent.add(producer.send(record(i)));
            }
            producer.flush();
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
            try (KafkaConsumer<String, String> consumer = consumer(server.kafkaAddress())) {
                assertAllAreRead(consumer, RECORDS);
            }
        } finally {
            server.close();
        }
    }

    private static void assertAllAreRead(KafkaConsumer<String, String> consumer, int count) {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            all.add(new TopicPartition(TOPIC, partition));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        long[] next = new long[PARTITIONS];
        int read = 0;
        while (read < count) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                long number = next[record.partition()] * PARTITIONS + record.partition();
                assertThat(record.value()).isEqualTo("value " + number);
                assertThat(record.offset()).isEqualTo(next[record.partition()]++);
                read++;
            }
        }
        assertThat(consumer.poll(Duration.ofMillis(200)).isEmpty()).isTrue();
    }

    private static ProducerRecord<String, String> record(int number) {
        return new ProducerRecord<>(
                TOPIC, number % PARTITIONS, 1_000L + number, "key " + number, "value " + number);
    }

    private static KafkaProducer<String, String> producer(String address) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        address,
                        "enable.idempotence",
                        "true",
                        // Otherwise the producer forgets the topic while no server runs, and send
                        // blocks.
                        "metadata.recovery.strategy",
                        "none"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String address) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", address, "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }
}

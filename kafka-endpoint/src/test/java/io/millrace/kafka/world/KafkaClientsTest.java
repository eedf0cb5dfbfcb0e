package io.millrace.kafka.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The producer and consumer of Kafka against the handlers of records, on real connections. */
@Timeout(120)
class KafkaClientsTest {

    private static final int PARTITIONS = 20;

    private LoopbackNode node;

    @BeforeEach
    void start() throws Exception {
        node = new LoopbackNode();
        node.createTopic("orders", PARTITIONS);
    }

    @AfterEach
    void stop() throws InterruptedException {
        node.close();
    }

    private KafkaProducer<String, String> producer(String codec) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + node.port(),
                        "compression.type",
                        codec,
                        "enable.idempotence",
                        "true"),
                new StringSerializer(),
                new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + node.port(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatAProducerSendsAConsumerReadsInOrder(String codec) throws Exception {
        int count = 5_000;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(codec)) {
            for (int i = 0; i < count; i++) {
                ProducerRecord<String, String> record =
                        new ProducerRecord<>("orders", i % PARTITIONS, "k" + i, "value " + i);
                record.headers().add("h", ("" + i).getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
        }
        for (int i = 0; i < count; i++) {
            assertThat(sent.get(i).get().offset()).isEqualTo(i / PARTITIONS);
        }
        try (KafkaConsumer<String, String> consumer = consumer()) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                all.add(new TopicPartition("orders", partition));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            int read = 0;
            long[] next = new long[PARTITIONS];
            while (read < count) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    int partition = record.partition();
                    assertThat(record.offset()).isEqualTo(next[partition]);
                    long number = next[partition]++ * PARTITIONS + partition;
                    assertThat(record.value()).isEqualTo("value " + number);
                    assertThat(record.leaderEpoch()).hasValue(1);
                    read++;
                }
            }
            assertThat(consumer.endOffsets(all).values())
                    .allMatch(end -> end == count / PARTITIONS);
        }
    }

    @Test
    void aConsumerFollowsAProducerAndFindsTimes() throws Exception {
        TopicPartition partition = new TopicPartition("orders", 3);
        try (KafkaProducer<String, String> producer = producer("none");
                KafkaConsumer<String, String> consumer = consumer()) {
            consumer.assign(List.of(partition));
            for (int i = 0; i < 20; i++) {
                producer.send(new ProducerRecord<>("orders", 3, 1_000L + i, "k", "v" + i)).get();
                List<String> values = new ArrayList<>();
                while (values.isEmpty()) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(each -> values.add(each.value()));
                }
                assertThat(values).containsExactly("v" + i);
            }
            assertThat(consumer.offsetsForTimes(Map.of(partition, 1_007L)).get(partition))
                    .isNotNull()
                    .extracting(OffsetAndTimestamp::offset)
                    .isEqualTo(7L);
            assertThat(consumer.offsetsForTimes(Map.of(partition, 5_000L)).get(partition)).isNull();
        }
    }

    @Test
    void aConsumerWaitsForRecordsOfAnyPartition() throws Exception {
        try (KafkaProducer<String, String> producer = producer("none");
                KafkaConsumer<String, String> consumer = consumer()) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                all.add(new TopicPartition("orders", partition));
            }
            consumer.assign(all);
            assertThat(consumer.poll(Duration.ofMillis(700)).isEmpty()).isTrue();
            for (int i = 0; i < PARTITIONS; i++) {
                CompletableFuture<Integer> read = new CompletableFuture<>();
                producer.send(new ProducerRecord<>("orders", i, "k", "v" + i));
                while (!read.isDone()) {
                    consumer.poll(Duration.ofSeconds(1))
                            .forEach(each -> read.complete(each.partition()));
                }
                assertThat(read.join()).isEqualTo(i);
            }
        }
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumer groups of Kafka's own client on a real server, with both protocols. */
@Timeout(180)
class KafkaGroupsIT {

    @TempDir Path folder;

    private static KafkaConsumer<String, String> subscribed(
            MillraceProcess server, String protocol) {
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", server.kafkaAddress(),
                                "group.id", "readers",
                                "group.protocol", protocol,
                                "enable.auto.commit", "false",
                                "auto.offset.reset", "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer());
        consumer.subscribe(List.of("events"));
        return consumer;
    }

    private static void produce(MillraceProcess server, int from, int count) {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", server.kafkaAddress()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = from; i < from + count; i++) {
                producer.send(new ProducerRecord<>("events", "v" + i));
            }
            producer.flush();
        }
    }

    private static List<String> read(int count, KafkaConsumer<String, String> consumer) {
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupContinuesAtItsCommittedOffsets(String protocol) throws Exception {
        try (MillraceProcess server = MillraceProcess.up(folder)) {
            produce(server, 0, 50);
            try (KafkaConsumer<String, String> first = subscribed(server, protocol)) {
                Set<String> values = new HashSet<>(read(50, first));
                assertThat(values).hasSize(50);
                first.commitSync();
            }
            produce(server, 50, 50);

            try (KafkaConsumer<String, String> second = subscribed(server, protocol)) {
                List<String> values = read(50, second);

                assertThat(values).hasSize(50).startsWith("v50").endsWith("v99");
            }
        }
    }
}

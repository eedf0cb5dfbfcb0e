package io.millrace.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A program that administers, produces and consumes with the version of Kafka's client that its
 * class path has. It calls only methods that all tested versions have, and no library but the
 * client. An exception ends the program with an exit code other than 0.
 */
final class KafkaClientScenario {

    private static final int PARTITIONS = 4;
    private static final int RECORDS = 200;
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    private final String server;
    private final String topic;

    private KafkaClientScenario(String server, String topic) {
        this.server = server;
        this.topic = topic;
    }

    /**
     * Runs the scenario.
     *
     * @param arguments HOST:PORT of a server, the name of a new topic, and the group protocols to
     *     use; {@code default} sets none, for clients that know only the classic protocol
     */
    public static void main(String[] arguments) throws Exception {
        KafkaClientScenario scenario = new KafkaClientScenario(arguments[0], arguments[1]);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", scenario.server))) {
            scenario.createTopic(admin);
            scenario.produce("plain", "false", "none");
            for (String codec : CODECS) {
                scenario.produce(codec, "true", codec);
            }
            int count = RECORDS * (1 + CODECS.size());
            for (int i = 2; i < arguments.length; i++) {
                scenario.consume(admin, arguments[i], count);
            }
            scenario.administer(admin, count);
        }
    }

    private void createTopic(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS - 1, (short) 1))).all().get();
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(PARTITIONS))).all().get();
        check("topics", true, admin.listTopics().names().get().contains(topic));
        check("nodes", 1, admin.describeCluster().nodes().get().size());
    }

    private void produce(String prefix, String idempotence, String codec) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", server);
        settings.put("enable.idempotence", idempotence);
        settings.put("compression.type", codec);
        settings.put("linger.ms", "5");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                ProducerRecord<String, String> record =
                        new ProducerRecord<>(topic, i % PARTITIONS, "key", prefix + " " + i);
                record.headers().add("codec", new byte[] {(byte) CODECS.indexOf(codec)});
                sent.add(producer.send(record));
            }
            Set<String> offsets = new HashSet<>();
            for (Future<RecordMetadata> each : sent) {
                offsets.add(each.get().partition() + " " + each.get().offset());
            }
            check("acknowledged offsets", RECORDS, offsets.size());
        }
    }

    private void consume(Admin admin, String protocol, int count) throws Exception {
        String group = topic + "-" + protocol;
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", server);
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        if (!protocol.equals("default")) {
            settings.put("group.protocol", protocol);
        }
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            Set<String> values = new HashSet<>();
            long[] next = new long[PARTITIONS];
            for (int read = 0; read < count; ) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    check("offset", next[record.partition()]++, record.offset());
                    values.add(record.value());
                    byte[] codec = record.headers().lastHeader("codec").value();
                    String prefix = CODECS.get(codec[0]) + " ";
                    check(
                            "codec of " + record.value(),
                            true,
                            record.value().startsWith(prefix)
                                    || record.value().startsWith("plain "));
                    read++;
                }
            }
            check("values", count, values.size());
            consumer.commitSync();
        }
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        check(
                "committed",
                (long) count,
                committed.values().stream().mapToLong(OffsetAndMetadata::offset).sum());
        admin.deleteConsumerGroups(List.of(group)).all().get();
    }

    private void administer(Admin admin, int count) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp set =
                new AlterConfigOp(
                        new ConfigEntry("retention.ms", "86400000"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
        check(
                "retention.ms",
                "86400000",
                admin.describeConfigs(List.of(resource))
                        .all()
                        .get()
                        .values()
                        .iterator()
                        .next()
                        .get("retention.ms")
                        .value());

        TopicPartition first = new TopicPartition(topic, 0);
        check(
                "end offset",
                (long) count / PARTITIONS,
                admin.listOffsets(Map.of(first, OffsetSpec.latest()))
                        .partitionResult(first)
                        .get()
                        .offset());
        check(
                "low watermark",
                10L,
                admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(10)))
                        .lowWatermarks()
                        .values()
                        .iterator()
                        .next()
                        .get()
                        .lowWatermark());
        admin.deleteTopics(List.of(topic)).all().get();
        check("topics", false, admin.listTopics().names().get().contains(topic));
    }

    private static void check(String name, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException(name + ": " + actual + " instead of " + expected);
        }
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Consumers of Kafka whose cluster is restored from a backup of etcd. The records from {@link
 * #SAVED} on are lost, and others take their offsets.
 */
@Timeout(600)
@Tag(TestScale.FULL)
class KafkaRestoreIT {

    private static final String TOPIC = "restored";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final long EARLIER = 50;
    private static final long SAVED = 100;
    private static final long LOST = 200;
    private static final long FEWER = 150;
    private static final long MORE = 250;

    @TempDir Path folder;
    private final int grpcPort = MillraceProcess.stablePort();
    private final int kafkaPort = MillraceProcess.stablePort();
    private EtcdServer etcd;
    private EtcdBackup backup;
    private MillraceProcess node;
    private final List<AutoCloseable> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        backup = new EtcdBackup(etcd, folder.resolve("etcd"), folder.resolve("saved"));
        node = startNode();
        try (Admin admin = Admin.create(client())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
        produce(0, SAVED, "saved");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable client : clients.reversed()) {
            client.close();
        }
        node.close();
        etcd.close();
    }

    private MillraceProcess startNode() {
        return MillraceProcess.node(
                grpcPort,
                Map.of("MILLRACE_NODE_LEASE_S", "2"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--kafka-port",
                "" + kafkaPort);
    }

    private Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "localhost:" + kafkaPort);
        settings.put("reconnect.backoff.max.ms", "500");
        settings.put("metadata.max.age.ms", "1000");
        return settings;
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(client());
        settings.put("enable.auto.commit", "false");
        settings.putAll(more);
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        clients.add(consumer);
        return consumer;
    }

    /** Produces records from one offset up to another. */
    private void produce(long from, long to, String prefix) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(client(), new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (long i = from; i < to; i++) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, 0, "k", prefix + i)));
            }
            assertThat(sent.getFirst().get().offset()).isEqualTo(from);
            assertThat(sent.getLast().get().offset()).isEqualTo(to - 1);
        }
    }

    private void restore() throws Exception {
        node.kill();
        backup.restore("millrace");
        node = startNode();
    }

    /** Reads up to an offset and returns the values. */
    private static List<String> read(KafkaConsumer<String, String> consumer, long end) {
        List<String> values = new ArrayList<>();
        Eventually.await(
                () -> "records up to %d: %s".formatted(end, values),
                () -> {
                    consumer.poll(Duration.ofMillis(200))
                            .forEach(record -> values.add(record.value()));
                    return consumer.assignment().contains(PARTITION)
                            && consumer.position(PARTITION) >= end;
                });
        return values;
    }

    private static List<String> values(String prefix, long from, long to) {
        List<String> values = new ArrayList<>();
        for (long i = from; i < to; i++) {
            values.add(prefix + i);
        }
        return values;
    }

    @Test
    void aConsumerContinuesAtTheFirstOffsetThatWasLost() throws Exception {
        KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "earliest"));
        consumer.assign(List.of(PARTITION));
        backup.take();
        produce(SAVED, LOST, "lost");
        assertThat(read(consumer, LOST)).hasSize((int) LOST);
        restore();
        // The offset of the consumer exists again, with another record before it.
        produce(SAVED, MORE, "later");

        assertThat(read(consumer, MORE)).isEqualTo(values("later", SAVED, MORE));
    }

    @Test
    void aConsumerWithoutAResetPolicyLearnsThatItsOffsetWasLost() throws Exception {
        KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "none"));
        consumer.assign(List.of(PARTITION));
        consumer.seek(PARTITION, 0);
        backup.take();
        produce(SAVED, LOST, "lost");
        assertThat(read(consumer, LOST)).hasSize((int) LOST);
        restore();
        produce(SAVED, MORE, "later");

        LogTruncationException learned =
                catchThrowableOfType(LogTruncationException.class, () -> read(consumer, MORE));
        assertThat(learned.divergentOffsets().get(PARTITION))
                .isNotNull()
                .extracting(OffsetAndMetadata::offset)
                .isEqualTo(SAVED);
    }

    @Test
    void groupsContinueAtTheOffsetsOfTheBackup() throws Exception {
        for (String protocol : List.of("classic", "consumer")) {
            KafkaConsumer<String, String> member = member(protocol);
            read(member, SAVED);
            member.commitSync(Map.of(PARTITION, new OffsetAndMetadata(EARLIER)));
        }
        backup.take();
        produce(SAVED, LOST, "lost");
        for (AutoCloseable each : List.copyOf(clients)) {
            KafkaConsumer<?, ?> member = (KafkaConsumer<?, ?>) each;
            Eventually.await(
                    "the end of the lost records",
                    () -> {
                        member.poll(Duration.ofMillis(200));
                        return member.position(PARTITION) == LOST;
                    });
            member.commitSync();
            member.close();
            clients.remove(each);
        }
        restore();
        produce(SAVED, MORE, "later");

        List<String> expected = values("saved", EARLIER, SAVED);
        expected.addAll(values("later", SAVED, MORE));
        for (String protocol : List.of("classic", "consumer")) {
            assertThat(read(member(protocol), MORE)).as(protocol).isEqualTo(expected);
        }
    }

    /** A live member whose position is beyond the end resets it; its next commit counts. */
    @Test
    void aLiveMemberContinuesAndCommitsAfterARestore() throws Exception {
        Map<String, KafkaConsumer<String, String>> members = new HashMap<>();
        for (String protocol : List.of("classic", "consumer")) {
            KafkaConsumer<String, String> member = member(protocol);
            read(member, SAVED);
            member.commitSync();
            members.put(protocol, member);
        }
        backup.take();
        produce(SAVED, LOST, "lost");
        for (KafkaConsumer<String, String> member : members.values()) {
            read(member, LOST);
            member.commitSync();
        }
        restore();
        produce(SAVED, FEWER, "later");
        for (Map.Entry<String, KafkaConsumer<String, String>> each : members.entrySet()) {
            List<String> values = new ArrayList<>();
            Eventually.await(
                    () -> each.getKey() + " reads all later records: " + values,
                    () -> {
                        each.getValue()
                                .poll(Duration.ofMillis(200))
                                .forEach(record -> values.add(record.value()));
                        return values.containsAll(values("later", SAVED, FEWER));
                    });
            assertThat(values).noneMatch(value -> value.startsWith("lost"));
            each.getValue().commitSync();
            try (Admin admin = Admin.create(client())) {
                assertThat(
                                admin.listConsumerGroupOffsets(each.getKey())
                                        .partitionsToOffsetAndMetadata()
                                        .get())
                        .extractingByKey(PARTITION)
                        .extracting(OffsetAndMetadata::offset)
                        .isEqualTo(FEWER);
            }
        }
    }

    private KafkaConsumer<String, String> member(String protocol) {
        KafkaConsumer<String, String> member =
                consumer(
                        Map.of(
                                "group.id",
                                protocol,
                                "group.protocol",
                                protocol,
                                "auto.offset.reset",
                                "earliest"));
        member.subscribe(List.of(TOPIC));
        return member;
    }

    @Test
    void aMemberOnLibrdkafkaResetsAnOffsetBeyondTheEnd() throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        PythonProgram program =
                new PythonProgram(
                        DebianProgram.of("python3-confluent-kafka"),
                        "librdkafka_member.py",
                        List.of("localhost:" + kafkaPort, "librdkafka", TOPIC),
                        (from, line) -> {
                            lines.add(line);
                            if (line.equals("batch")) {
                                from.send("processed");
                            }
                        });
        clients.add(program);
        backup.take();
        produce(SAVED, LOST, "lost");
        Eventually.await(
                () -> "the last lost record " + program.errors(),
                () -> lines.contains("read 0 %d lost%d".formatted(LOST - 1, LOST - 1)));
        restore();
        produce(SAVED, FEWER, "later");

        Eventually.await(
                () -> "the records after the restore " + program.errors() + lines,
                () ->
                        lines.contains("read 0 %d later%d".formatted(SAVED, SAVED))
                                && lines.contains(
                                        "read 0 %d later%d".formatted(FEWER - 1, FEWER - 1)));
    }
}

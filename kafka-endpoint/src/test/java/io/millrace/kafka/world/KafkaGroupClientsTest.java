package io.millrace.kafka.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers of Kafka in groups, with both protocols, on real connections. */
@Timeout(180)
class KafkaGroupClientsTest {

    private static final int PARTITIONS = 6;

    private LoopbackNode node;
    private final List<KafkaConsumer<String, String>> open = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        node = new LoopbackNode();
        node.createTopic("orders", PARTITIONS);
    }

    @AfterEach
    void stop() throws InterruptedException {
        open.forEach(KafkaConsumer::close);
        node.close();
    }

    private KafkaConsumer<String, String> consumer(String protocol, Map<String, String> more) {
        Map<String, Object> settings =
                new HashMap<>(
                        Map.of(
                                "bootstrap.servers",
                                "127.0.0.1:" + node.port(),
                                "group.id",
                                "readers",
                                "group.protocol",
                                protocol,
                                "enable.auto.commit",
                                "false",
                                "auto.offset.reset",
                                "earliest"));
        settings.putAll(more);
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        open.add(consumer);
        return consumer;
    }

    private KafkaConsumer<String, String> subscribed(String protocol) {
        KafkaConsumer<String, String> consumer = consumer(protocol, Map.of());
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    private void close(KafkaConsumer<String, String> consumer) {
        open.remove(consumer);
        consumer.close();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + node.port()));
    }

    private void produce(int from, int count) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", "127.0.0.1:" + node.port()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = from; i < from + count; i++) {
                producer.send(new ProducerRecord<>("orders", i % PARTITIONS, "k", "v" + i));
            }
            producer.flush();
        }
    }

    /** Polls consumers in turn, so that they are in the group, until a condition holds. */
    @SafeVarargs
    private static List<String> pollUntil(
            BooleanSupplier done, KafkaConsumer<String, String>... consumers) {
        List<String> values = new ArrayList<>();
        while (!done.getAsBoolean()) {
            for (KafkaConsumer<String, String> consumer : consumers) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    values.add(record.value());
                }
            }
        }
        return values;
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
    void membersShareThePartitionsAndContinueAtCommittedOffsets(String protocol) throws Exception {
        produce(0, 60);
        KafkaConsumer<String, String> first = subscribed(protocol);
        Set<String> values = new HashSet<>(read(60, first));
        assertThat(values).hasSize(60);
        first.commitSync();

        KafkaConsumer<String, String> second = subscribed(protocol);
        List<String> again =
                pollUntil(
                        () ->
                                first.assignment().size() == PARTITIONS / 2
                                        && second.assignment().size() == PARTITIONS / 2,
                        first,
                        second);
        assertThat(again).as("all offsets are committed").isEmpty();
        Set<TopicPartition> both = new HashSet<>(first.assignment());
        both.addAll(second.assignment());
        assertThat(both).hasSize(PARTITIONS);

        first.commitSync();
        close(first);
        produce(60, 60);
        assertThat(new HashSet<>(read(60, second))).hasSize(60);
        assertThat(second.assignment()).hasSize(PARTITIONS);
    }

    @Test
    void cooperativeMembersKeepWhatDoesNotMove() throws Exception {
        Map<String, String> cooperative =
                Map.of("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        KafkaConsumer<String, String> first = consumer("classic", cooperative);
        first.subscribe(List.of("orders"));
        pollUntil(() -> first.assignment().size() == PARTITIONS, first);
        KafkaConsumer<String, String> second = consumer("classic", cooperative);
        second.subscribe(List.of("orders"));

        pollUntil(
                () ->
                        first.assignment().size() == PARTITIONS / 2
                                && second.assignment().size() == PARTITIONS / 2,
                first,
                second);

        produce(0, 60);
        Set<String> values = new HashSet<>();
        while (values.size() < 60) {
            first.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
            second.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
            first.commitSync();
            second.commitSync();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aStaticMemberReturnsToItsPartitions(String protocol) {
        Map<String, String> one = Map.of("group.instance.id", "one");
        KafkaConsumer<String, String> first = consumer(protocol, one);
        first.subscribe(List.of("orders"));
        KafkaConsumer<String, String> other =
                consumer(protocol, Map.of("group.instance.id", "two"));
        other.subscribe(List.of("orders"));
        pollUntil(
                () ->
                        first.assignment().size() == PARTITIONS / 2
                                && other.assignment().size() == PARTITIONS / 2,
                first,
                other);
        Set<TopicPartition> before = Set.copyOf(first.assignment());
        close(first);

        KafkaConsumer<String, String> again = consumer(protocol, one);
        again.subscribe(List.of("orders"));
        pollUntil(() -> again.assignment().size() == PARTITIONS / 2, again, other);

        assertThat(again.assignment()).isEqualTo(before);
    }

    @Test
    void aPatternSelectsTopicsAtTheServer() throws Exception {
        node.createTopic("order-archive", 2);
        KafkaConsumer<String, String> consumer = consumer("consumer", Map.of());
        consumer.subscribe(new SubscriptionPattern("order.*"));

        pollUntil(() -> consumer.assignment().size() == PARTITIONS + 2, consumer);

        node.createTopic("order-later", 1);
        pollUntil(() -> consumer.assignment().size() == PARTITIONS + 3, consumer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void anAdministratorSeesAndChangesGroups(String protocol) throws Exception {
        produce(0, 12);
        KafkaConsumer<String, String> consumer =
                consumer(protocol, Map.of("group.instance.id", "one", "client.id", "reader"));
        consumer.subscribe(List.of("orders"));
        read(12, consumer);
        consumer.commitSync();
        TopicPartition partition = new TopicPartition("orders", 0);
        try (Admin admin = admin()) {
            ConsumerGroupDescription described =
                    admin.describeConsumerGroups(List.of("readers")).all().get().values().stream()
                            .findFirst()
                            .orElseThrow();
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.type()).isEqualTo(GroupType.parse(protocol));
            assertThat(described.members())
                    .singleElement()
                    .satisfies(member -> {
                        assertThat(member.clientId()).isEqualTo("reader");
                        assertThat(member.groupInstanceId()).isEqualTo(Optional.of("one"));
                        assertThat(member.assignment().topicPartitions()).hasSize(PARTITIONS);
                    });
            assertThat(admin.listGroups().all().get())
                    .singleElement()
                    .satisfies(group -> {
                        assertThat(group.groupId()).isEqualTo("readers");
                        assertThat(group.groupState()).contains(GroupState.STABLE);
                    });
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    admin.listConsumerGroupOffsets("readers").partitionsToOffsetAndMetadata().get();
            assertThat(offsets.get(partition))
                    .isNotNull()
                    .extracting(OffsetAndMetadata::offset)
                    .isEqualTo(2L);

            // Static members stay in the group.
            close(consumer);
            admin.removeMembersFromConsumerGroup(
                            "readers",
                            new RemoveMembersFromConsumerGroupOptions(
                                    Set.of(new MemberToRemove("one"))))
                    .all()
                    .get();
            admin.deleteConsumerGroupOffsets("readers", Set.of(partition)).all().get();
            admin.alterConsumerGroupOffsets(
                            "readers",
                            Map.of(new TopicPartition("orders", 1), new OffsetAndMetadata(1)))
                    .all()
                    .get();
            offsets =
                    admin.listConsumerGroupOffsets("readers").partitionsToOffsetAndMetadata().get();
            assertThat(offsets).doesNotContainKey(partition);
            assertThat(offsets.get(new TopicPartition("orders", 1)))
                    .isNotNull()
                    .extracting(OffsetAndMetadata::offset)
                    .isEqualTo(1L);
            admin.deleteConsumerGroups(List.of("readers")).all().get();
            assertThat(admin.listGroups().all().get()).isEmpty();
        }
    }
}

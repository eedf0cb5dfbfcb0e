package io.millrace.simulation.workload;

import static io.millrace.simulation.StartedCluster.PLACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.StartedCluster;
import io.millrace.simulation.invariant.KafkaGroupCheck;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests of the Kafka clients of the simulation, without and with faults of the cluster. */
final class KafkaClientsTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String GROUP = "kafka-group";
    private static final String CONSUMERS = "kafka-consumers";

    private final StartedCluster started = new StartedCluster();
    private final SimulatedCluster cluster = started.cluster;

    private KafkaProducer produce(PartitionName place) {
        KafkaProducer producer =
                new KafkaProducer(cluster, List.of(place), cluster.order, new SplittableRandom(1));
        producer.start();
        started.pass(LONG);
        return producer;
    }

    @Test
    void aProducerStoresItsBatches() {
        KafkaProducer producer = produce(PLACE);

        assertThat(producer.isDone()).as(producer.toString()).isTrue();
        assertThat(cluster.violations.first()).isNull();
        assertThat(cluster.records.acknowledgedCount()).isPositive();
    }

    @Test
    void aProducerDetectsThatItsTopicIsMissing() {
        produce(new PartitionName("topic-9", 0));

        assertThat(cluster.violations.first())
                .contains("topic-9")
                .contains("UNKNOWN_TOPIC_OR_PARTITION");
    }

    @Test
    void aNewCoordinatorContinuesAGroupWithoutARebalance() {
        assertThat(cluster.servingKafka()).hasSizeGreaterThan(1);
        KafkaMember first = startMember("", 1);
        KafkaMember second = startMember("instance", 2);
        started.pass(LONG);
        assertThat(first.isStable() && second.isStable()).isTrue();
        int before = first.generation();
        assertThat(second.generation()).isEqualTo(before);
        first.finish();
        second.finish();

        NodeProcess former = coordinator(GROUP);
        cluster.nodes.get(former.node).crash();
        started.pass(LONG);

        assertThat(coordinator(GROUP)).isNotSameAs(former);
        assertThat(first.generation()).isEqualTo(before);
        assertThat(second.generation()).isEqualTo(before);
        assertThat(first.hasEnded(0) || second.hasEnded(0)).isTrue();
        assertThat(cluster.violations.first()).isNull();
    }

    @Test
    void membersOfKip848ContinueOverAnotherNodeAfterTheLossOfTheirCoordinator() {
        KafkaConsumerMember first = startConsumer("", 1);
        KafkaConsumerMember second = startConsumer("instance", 2);
        started.pass(LONG);
        assertThat(first.epoch()).isPositive();
        assertThat(second.epoch()).isPositive();
        first.finish();
        second.finish();

        NodeProcess former = coordinator(CONSUMERS);
        cluster.nodes.get(former.node).crash();
        started.pass(LONG);

        assertThat(coordinator(CONSUMERS)).isNotSameAs(former);
        assertThat(first.hasEnded(0) ^ second.hasEnded(0)).isTrue();
        assertThat(cluster.violations.first()).isNull();
    }

    private int assignments;

    private KafkaConsumerMember startConsumer(String instance, long seed) {
        KafkaConsumerMember member =
                new KafkaConsumerMember(
                        cluster,
                        check,
                        new KafkaMember.Identity(CONSUMERS, PLACE.topic(), 1, instance, 12_000),
                        new SplittableRandom(seed),
                        () -> ++assignments);
        member.start();
        return member;
    }

    private final KafkaGroupCheck check = new KafkaGroupCheck(cluster.violations);

    private KafkaMember startMember(String instance, long seed) {
        KafkaMember member =
                new KafkaMember(
                        cluster,
                        check,
                        new KafkaMember.Identity(GROUP, PLACE.topic(), 1, instance, 12_000),
                        new SplittableRandom(seed));
        member.start();
        return member;
    }

    private NodeProcess coordinator(String group) {
        for (NodeProcess process : cluster.servingKafka()) {
            MetadataReplica replica = Objects.requireNonNull(process.replica());
            long incarnation = replica.groups().group(group).orElseThrow().coordinator().orElse(-1);
            if (incarnation == replica.incarnation()) {
                return process;
            }
        }
        throw new AssertionError("the group has no live coordinator");
    }
}

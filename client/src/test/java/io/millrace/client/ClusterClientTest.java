package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.cluster.ClusterDescription;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.SilenceLimits;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Relay;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import io.millrace.protocol.v1.NodeRole;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of a client of several nodes: choice of nodes, and failover. */
class ClusterClientTest {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int PARTITIONS = 12;

    private static final SilenceLimits SHORT_SILENCE =
            new SilenceLimits(
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(2));

    private final FakeCluster cluster = new FakeCluster(4);
    private final List<MillraceClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(MillraceClient::close);
        cluster.close();
    }

    private MillraceClient connect(ClientSettings settings) {
        MillraceClient client = MillraceClient.connect(settings);
        clients.add(client);
        return client;
    }

    private MillraceClient connect() {
        return connect(ClientSettings.of(cluster.node(0).server.address()));
    }

    /** Returns a client that soon abandons a node without response. */
    private MillraceClient connectWithShortSilence() {
        MillraceClient client =
                MillraceClient.connect(
                        ClientSettings.of(cluster.node(0).server.address()), SHORT_SILENCE);
        clients.add(client);
        return client;
    }

    private void createTopic() {
        cluster.log().create("t", PARTITIONS, Map.of());
    }

    private static Producer producer(MillraceClient client) {
        return client.producer(
                ProducerSettings.builder().batchBytes(256).linger(Duration.ZERO).build());
    }

    private static OutgoingRecord record(int partition, int number) {
        byte[] value = ("" + number).getBytes(StandardCharsets.UTF_8);
        return OutgoingRecord.of("t", null, value).withPartition(partition);
    }

    private static void sendToAll(Producer producer, int from, int to) {
        List<CompletableFuture<ProduceResult>> sent = new ArrayList<>();
        for (int i = from; i < to; i++) {
            for (int p = 0; p < PARTITIONS; p++) {
                sent.add(producer.send(record(p, i)));
            }
        }
        Producer.await(sent, BOUND);
    }

    private static Map<Integer, List<Integer>> read(MillraceClient client, int each) {
        Map<TopicPartition, StartPosition> from = new HashMap<>();
        Map<Integer, List<Integer>> seen = new HashMap<>();
        for (int p = 0; p < PARTITIONS; p++) {
            from.put(new TopicPartition("t", p), StartPosition.beginning());
            seen.put(p, new ArrayList<>());
        }
        try (Reader reader = client.reader(ReaderSettings.defaults(), from)) {
            for (int left = each * PARTITIONS; left > 0; ) {
                List<ReadRecord> records = reader.pollRecords(BOUND);
                assertThat(records).isNotEmpty();
                left -= records.size();
                records.forEach(each1 ->
                        Objects.requireNonNull(seen.get(each1.partition().partition()))
                                .add(number(each1)));
            }
        }
        return seen;
    }

    private static int number(ReadRecord record) {
        return Integer.parseInt(
                StandardCharsets.UTF_8.decode(Objects.requireNonNull(record.value())).toString());
    }

    private static void assertWhole(Map<Integer, List<Integer>> seen, int each) {
        List<Integer> all = IntStream.range(0, each).boxed().toList();
        assertThat(seen.values()).allSatisfy(numbers -> assertThat(numbers).isEqualTo(all));
    }

    @Test
    void partitionsAreSpreadOverAllNodesAndReadBack() {
        createTopic();
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 50);
        }
        assertThat(cluster.batchesSeen()).allMatch(seen -> seen > 0);
        assertWhole(read(client, 50), 50);
        assertThat(cluster.nodes()).allMatch(node -> node.server.fetchesSeen() > 0);
    }

    @Test
    void allClientsSendAPartitionToTheSameNode() {
        createTopic();
        for (FakeCluster.Node bootstrap : cluster.nodes()) {
            MillraceClient client = connect(ClientSettings.of(bootstrap.server.address()));
            try (Producer producer = producer(client)) {
                producer.send(record(3, 1)).join();
            }
        }
        assertThat(cluster.batchesSeen()).containsExactlyInAnyOrder(0, 0, 0, 4);
    }

    @Test
    void nodesOfTheOwnZoneArePreferredAndOthersUsedWithoutThem() {
        createTopic();
        cluster.node(2).zone = "a";
        cluster.node(3).zone = "a";
        MillraceClient client =
                connect(ClientSettings.of(cluster.node(0).server.address()).inZone("a"));
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
            assertThat(cluster.batchesSeen().subList(0, 2)).containsExactly(0, 0);
            assertThat(cluster.batchesSeen().subList(2, 4)).allMatch(seen -> seen > 0);
            cluster.node(2).server.close();
            cluster.node(3).server.close();
            sendToAll(producer, 20, 40);
        }
        assertThat(cluster.batchesSeen().subList(0, 2)).allMatch(seen -> seen > 0);
        assertWhole(read(client, 40), 40);
    }

    @Test
    void nodesWithoutIngestRoleReceiveNoRecords() {
        createTopic();
        cluster.node(0).roles = Set.of(NodeRole.FETCH);
        cluster.node(1).roles = Set.of(NodeRole.INGEST);
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
        }
        assertWhole(read(client, 20), 20);
        assertThat(cluster.node(0).server.batchesSeen()).isZero();
        assertThat(cluster.node(1).server.fetchesSeen()).isZero();
    }

    @Test
    void aSingleNodeIsUsedAtTheConfiguredAddress() {
        createTopic();
        cluster.nodes().subList(1, 4).forEach(cluster::unregister);
        cluster.node(0).advertisedPort = 1;
        assertServed(connect());
    }

    @Test
    void aServerWithoutDiscoveryIsUsedForEverything() {
        createTopic();
        cluster.node(0).server.admin().describeClusterAs(null);
        assertAllGoesThroughTheFirst();
    }

    private void assertAllGoesThroughTheFirst() {
        assertServed(connect());
        assertThat(cluster.batchesSeen().subList(1, 4)).containsExactly(0, 0, 0);
    }

    /** Sends records to each partition and reads them back. */
    private static void assertServed(MillraceClient client) {
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 5);
        }
        assertWhole(read(client, 5), 5);
    }

    @Test
    void withoutDiscoveryOneNodeIsUsed() {
        createTopic();
        assertServed(
                connect(ClientSettings.of(cluster.node(2).server.address()).withoutDiscovery()));
        assertThat(cluster.nodes())
                .filteredOn(node -> node.server.batchesSeen() + node.server.fetchesSeen() > 0)
                .containsExactly(cluster.node(2));
    }

    @Test
    void unreachableNodesAreReplacedByTheRespondingAddress() {
        createTopic();
        cluster.nodes().forEach(node -> node.advertisedPort = 1);
        assertAllGoesThroughTheFirst();
    }

    @Test
    void aNodeOfAnotherClusterAtTheAddressIsNotUsed() {
        createTopic();
        try (FakeCluster other = new FakeCluster(2)) {
            other.node(0).server.admin().describeClusterAs(() -> otherCluster("n1"));
            cluster.node(1).advertisedPort = other.node(0).server.port();
            cluster.node(2).advertisedPort = other.node(1).server.port();
            MillraceClient client = connect();
            try (Producer producer = producer(client)) {
                sendToAll(producer, 0, 20);
            }
            assertThat(other.batchesSeen()).containsExactly(0, 0);
        }
    }

    private static io.millrace.protocol.v1.DescribeClusterResponse otherCluster(String node) {
        return io.millrace.protocol.v1.DescribeClusterResponse.newBuilder()
                .setCluster("another")
                .setNodeId(node)
                .build();
    }

    @Test
    void anyConfiguredAddressSuffices() {
        cluster.node(0).server.close();
        cluster.node(1).server.close();
        MillraceClient client = connect(ClientSettings.of(cluster.addresses()));
        client.topics().create("t", PARTITIONS, Map.of());
        cluster.unregister(cluster.node(0));
        assertServed(client);
    }

    @Test
    void withoutIngestNodesRecordsFailWithThatReason() {
        createTopic();
        cluster.nodes().forEach(node -> node.roles = Set.of(NodeRole.FETCH));
        ProducerSettings hasty =
                ProducerSettings.builder().deliveryTimeout(Duration.ofSeconds(1)).build();
        try (Producer producer = connect().producer(hasty)) {
            assertThat(producer.send(record(0, 0)))
                    .failsWithin(BOUND)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.TimedOut.class)
                    .withMessageContaining("No live node of cluster fake has the role ingest")
                    .withMessageContaining("n0, n1, n2, n3");
        }
    }

    @Test
    void aNodeThatShutsDownIsAbandonedWithoutAnError() {
        createTopic();
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
            cluster.node(1).server.shutDown();
            sendToAll(producer, 20, 40);
            cluster.unregister(cluster.node(1));
            cluster.node(1).server.close();
            sendToAll(producer, 40, 60);
        }
        assertWhole(read(client, 60), 60);
    }

    @Test
    void aNodeCutOffFromItsDependenciesIsAvoided() {
        createTopic();
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
            cluster.node(1).server.cutOff();
            sendToAll(producer, 20, 40);
            int seen = cluster.node(1).server.batchesSeen();
            sendToAll(producer, 40, 60);
            assertThat(cluster.node(1).server.batchesSeen()).isEqualTo(seen);
        }
        assertWhole(read(connect(), 60), 60);
    }

    @Test
    void aNodeThatNeverAcknowledgesBatchesIsAvoided() {
        createTopic();
        MillraceClient client = connectWithShortSilence();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
            cluster.node(1).server.pause();
            sendToAll(producer, 20, 40);
        }
        assertWhole(read(client, 40), 40);
    }

    @Test
    void aClientResumesWhenItsNodesRecover() {
        createTopic();
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 20);
            cluster.nodes().forEach(node -> node.server.cutOff());
            int before = batchesSeenByAll();
            CompletableFuture<ProduceResult> waits = producer.send(record(0, 20));
            for (long end = System.nanoTime() + BOUND.toNanos();
                    batchesSeenByAll() < before + 5 && System.nanoTime() - end < 0; ) {
                Thread.onSpinWait();
            }
            assertThat(waits).isNotDone();
            cluster.nodes().forEach(node -> node.server.heal());
            Producer.await(List.of(waits), BOUND);
        }
    }

    private int batchesSeenByAll() {
        return cluster.batchesSeen().stream().mapToInt(Integer::intValue).sum();
    }

    @Test
    void aRecoveredNodeIsUsedAgain() {
        createTopic();
        MillraceClient client = connect();
        try (Producer producer = producer(client)) {
            sendToAll(producer, 0, 10);
            cluster.node(2).server.close();
            sendToAll(producer, 10, 20);
            int before = cluster.node(2).server.batchesSeen();
            cluster.node(2).server.restart();
            int next = 20;
            for (long end = System.nanoTime() + BOUND.toNanos();
                    cluster.node(2).server.batchesSeen() == before && System.nanoTime() - end < 0;
                    next++) {
                sendToAll(producer, next, next + 1);
            }
            assertThat(cluster.node(2).server.batchesSeen()).isGreaterThan(before);
            assertWhole(read(client, next), next);
        }
    }

    @Test
    void aVanishedNodeIsAbandonedBeforeItsBatchesExpire() {
        createTopic();
        try (Relay relay = new Relay(cluster.node(1).server.address())) {
            cluster.node(1).advertisedPort = ClientSettings.Address.parse(relay.address()).port();
            MillraceClient client = connectWithShortSilence();
            try (Producer producer = producer(client)) {
                sendToAll(producer, 0, 10);
                assertThat(cluster.node(1).server.batchesSeen()).isPositive();
                relay.killConnections();
                sendToAll(producer, 10, 20);
            }
            assertWhole(read(client, 20), 20);
        }
    }

    @Test
    void describingTheClusterNamesItsNodes() {
        cluster.node(1).zone = "b";
        cluster.node(1).roles = Set.of(NodeRole.FETCH);
        ClusterDescription described = connect().describeCluster();
        assertThat(described.cluster()).isEqualTo(FakeCluster.NAME);
        assertThat(described.answeredBy()).isEqualTo("n0");
        assertThat(described.nodes()).hasSize(4);
        assertThat(described.nodes().get(1))
                .isEqualTo(
                        new ClusterNode(
                                "n1",
                                Set.of(ClusterNode.Role.FETCH),
                                "b",
                                "localhost",
                                cluster.node(1).server.port()));
    }

    @Test
    void aProducerAsksNothingMoreOfASingleServerForEachBatch() {
        createTopic();
        cluster.nodes().subList(1, 4).forEach(cluster::unregister);
        try (Producer producer = producer(connect())) {
            sendToAll(producer, 0, 100);
        }
        assertThat(cluster.node(0).server.batchesSeen()).isGreaterThan(20);
        assertThat(cluster.node(0).server.admin().clusterQuestions()).isLessThan(5);
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.client.MillraceClient;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.connection.ClientSettings;
import io.millrace.it.NumberedProducer.Sent;
import io.millrace.it.NumberedReader.Seen;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client and two nodes in two zones, each of which ends repeatedly under load. */
class ClusterClientIT {

    private static final String TOPIC = "t";
    private static final int PARTITIONS = 6;
    private static final int ENDS = TestScale.count(2, 6);
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir Path folder;
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private final int[] ports = new int[2];
    private EtcdServer etcd;

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 1);
        Arrays.setAll(ports, i -> MillraceProcess.stablePort());
        nodes.addAll(MillraceProcess.allReady(List.of(launch(0), launch(1))));
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(int number) {
        // The nodes keep the addresses that the client was given.
        return MillraceProcess.launchNode(
                ports[number],
                Map.of("MILLRACE_NODE_LEASE_S", "2"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "n" + number,
                "--zone",
                number == 0 ? "a" : "b");
    }

    private String addresses() {
        return nodes.stream().map(MillraceProcess::address).collect(Collectors.joining(","));
    }

    @Test
    void clientsFailOverUnderLoadAndRecordsAreStoredOnceInOrder() {
        long seed = TestScale.seed(ClusterClientIT.class);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        ClientSettings settings = ClientSettings.of(addresses()).inZone("a");
        try (MillraceClient client = MillraceClient.connect(settings)) {
            client.topics().create(TOPIC, PARTITIONS, Map.of());
            assertThat(client.describeCluster().nodes())
                    .extracting(ClusterNode::id, ClusterNode::zone)
                    .containsExactly(tuple("n0", "a"), tuple("n1", "b"));
            try (NumberedReader through = new NumberedReader(client, TOPIC, PARTITIONS);
                    NumberedProducer producer = new NumberedProducer(client, TOPIC, PARTITIONS)) {
                for (int end = 0; end < ENDS; end++) {
                    int turn = end % nodes.size();
                    producer.awaitMore(1 + random.nextInt(2_000), BOUND);
                    if (end < ENDS / 2) {
                        nodes.get(turn).kill();
                    } else {
                        assertThat(nodes.get(turn).terminate()).as("exit code").isZero();
                    }
                    // The other node serves alone.
                    producer.awaitMore(1_000, BOUND);
                    nodes.set(turn, launch(turn).awaitReady());
                }
                producer.awaitMore(1, BOUND);
                assertWhole(client, through, producer.stop(), seed);
            }
        }
    }

    private static void assertWhole(
            MillraceClient client, NumberedReader through, List<List<Sent>> sent, long seed) {
        assertThat(sent.stream().flatMap(List::stream).map(Sent::failure))
                .as("seed %d", seed)
                .containsOnlyNulls();
        int[] counts = sent.stream().mapToInt(List::size).toArray();
        through.awaitCounts(counts, BOUND);
        try (NumberedReader afterwards = new NumberedReader(client, TOPIC, PARTITIONS)) {
            afterwards.awaitCounts(counts, BOUND);
            for (int p = 0; p < PARTITIONS; p++) {
                String where = "seed %d, partition %d".formatted(seed, p);
                List<Seen> expected =
                        IntStream.range(0, counts[p]).mapToObj(i -> new Seen(i, i)).toList();
                assertThat(afterwards.records(p)).as(where).isEqualTo(expected);
                assertThat(through.records(p)).as(where).isEqualTo(expected);
            }
        }
    }
}

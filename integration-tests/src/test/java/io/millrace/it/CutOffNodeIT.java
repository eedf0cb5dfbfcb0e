package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.it.NumberedProducer.Sent;
import io.millrace.it.NumberedReader.Seen;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes under load, one of which loses its connection to etcd and continues to answer its
 * clients.
 */
@Tag(TestScale.FULL)
class CutOffNodeIT {

    private static final String TOPIC = "t";
    private static final int PARTITIONS = 6;
    private static final Duration BOUND = Duration.ofMinutes(2);

    /** Shorter than the lease of the node, whose end would make clients leave too. */
    private static final Duration LEFT_WITHIN = Duration.ofSeconds(80);

    /** More than the producer's memory holds, so that the producer needs all partitions. */
    private static final int RECORDS = 10_000;

    @TempDir private Path folder;

    private MillraceProcess node(String id, URI etcd) {
        return MillraceProcess.node(
                MillraceProcess.stablePort(),
                Map.of("MILLRACE_NODE_LEASE_S", "120"),
                "--etcd",
                etcd.toString(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                id);
    }

    @Test
    void clientsLeaveANodeCutOffFromEtcdAndRecordsAreStoredOnceInOrder() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1);
                Link link = Link.toEtcd(etcd.endpoints().getFirst());
                MillraceProcess whole = node("n0", etcd.endpoints().getFirst());
                MillraceProcess cut = node("n1", link.endpoint());
                MillraceClient client =
                        MillraceClient.connect(
                                ClientSettings.of(whole.address() + "," + cut.address()))) {
            client.topics().create(TOPIC, PARTITIONS, Map.of());
            try (NumberedReader through = new NumberedReader(client, TOPIC, PARTITIONS);
                    NumberedProducer producer = new NumberedProducer(client, TOPIC, PARTITIONS)) {
                producer.awaitMore(RECORDS, BOUND);
                link.cut();
                producer.awaitMore(RECORDS, LEFT_WITHIN);
                link.mend();
                producer.awaitMore(RECORDS, BOUND);

                List<List<Sent>> sent = producer.stop();
                assertThat(sent.stream().flatMap(List::stream).map(Sent::failure))
                        .containsOnlyNulls();
                int[] counts = sent.stream().mapToInt(List::size).toArray();
                through.awaitCounts(counts, BOUND);
                for (int p = 0; p < PARTITIONS; p++) {
                    assertThat(through.records(p))
                            .as("partition %d", p)
                            .isEqualTo(
                                    IntStream.range(0, counts[p])
                                            .mapToObj(i -> new Seen(i, i))
                                            .toList());
                }
            }
        }
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.it.LinkedCluster.Node;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The network of a node works in one direction only; and nodes start while the log is sealed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkCutIT {

    private static final int PARTITIONS = 4;
    private static final int PACE = 8;
    private static final int STARTS = TestScale.count(1, 3);

    /** Longer than the lease of a node. */
    private static final Duration CUT_LASTS =
            TestScale.duration(Duration.ofSeconds(3), Duration.ofSeconds(5));

    @TempDir static Path folder;
    private LinkedCluster cluster;

    @BeforeAll
    void start() throws Exception {
        cluster = LinkedCluster.start(folder, 2);
    }

    private PatientWriter writer(ManagedChannel channel, String topic) {
        cluster.node(0).process().createTopic(topic, PARTITIONS);
        return new PatientWriter(channel, topic, PARTITIONS, PACE);
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    @Tag(TestScale.FULL)
    void aNodeCutOffInOneDirectionRecoversWithTheNetwork() {
        Node node = cluster.node(0);
        Map<String, Runnable> cuts = new LinkedHashMap<>();
        cuts.put("requests to etcd", node.etcd::holdRequests);
        cuts.put("replies of etcd", node.etcd::holdReplies);
        cuts.put("requests to S3", node.bucket::holdRequests);
        cuts.put("replies of S3", node.bucket::holdReplies);
        List<String> all = List.copyOf(cuts.keySet());
        List<String> cases = TestScale.cases(List.of(all.getFirst(), all.getLast()), all);
        ManagedChannel cutOff = node.process().connect();
        ManagedChannel other = cluster.node(1).process().connect();
        try (PatientWriter writer = writer(cutOff, "cut");
                Probe elsewhere = new Probe(cluster.node(1).process().address());
                VerifyProcess verify =
                        VerifyProcess.startEndless(cluster.addresses(), "--rate", "100k")) {
            LinkedCluster.await("load", () -> writer.acknowledgements() > PACE);
            cases.forEach(name -> {
                Objects.requireNonNull(cuts.get(name)).run();
                Duration meanwhile = elsewhere.store();
                cluster.pass(CUT_LASTS);
                long before = writer.acknowledgements();
                node.mend();
                long mendedNanos = System.nanoTime();
                LinkedCluster.await(
                        "service after " + name, () -> writer.acknowledgements() > before + PACE);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - mendedNanos);
                System.out.printf(
                        "NetworkCutIT: %s lost for %d s: %d batches later after %d ms; a record through the other node took %d ms meanwhile%n",
                        name, CUT_LASTS.toSeconds(), PACE, millis, meanwhile.toMillis());
            });
            writer.finish();
            writer.checkStored(other);
            writer.checkStored(cutOff);
            VerifyProcess.Result result = verify.finish();
            System.out.printf("NetworkCutIT: %s%s", result.err(), result.out());
            assertThat(result.exit()).as(result.toString()).isZero();
        } finally {
            cutOff.shutdownNow();
            other.shutdownNow();
        }
    }

    @Test
    void aNodeStartsAndServesWhileEpochsAreSealed() throws Exception {
        ManagedChannel channel = cluster.node(0).process().connect();
        try (PatientWriter writer = writer(channel, "starts")) {
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > 1);
            Node starting = cluster.node(1);
            for (int i = 0; i < STARTS; i++) {
                starting.kill();
                long before = cluster.archivedEpochs();
                LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > before);
                long begunNanos = System.nanoTime();
                starting.start();
                long readyMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
                try (Probe probe = new Probe(starting.process().address())) {
                    System.out.printf(
                            "NetworkCutIT: a node started at epoch %d: ready after %d ms, its first record took %d ms%n",
                            cluster.archivedEpochs(), readyMillis, probe.store().toMillis());
                }
            }
            writer.finish();
            ManagedChannel late = starting.process().connect();
            writer.checkStored(late);
            late.shutdownNow();
        } finally {
            channel.shutdownNow();
        }
    }
}

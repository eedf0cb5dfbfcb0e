package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Under load, a second process seals the log all the time, besides the leader. */
@Tag(TestScale.FULL)
class TwoSealersIT {

    private static final String CLUSTER = "millrace";
    private static final String SEALS = "millrace_metadata_log_seals";
    private static final Duration SEAL_AGE = Duration.ofSeconds(1);
    private static final int SEALS_OF_EACH = 3;
    private static final String TOPIC = "t";
    private static final int PARTITIONS = 4;
    private static final int PACE = 20;

    @TempDir private Path folder;

    private MillraceProcess.Launched launch(EtcdServer etcd, String id) {
        return MillraceProcess.launchNode(
                0,
                Map.of("MILLRACE_SEAL_AGE_S", "" + SEAL_AGE.toSeconds()),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                id);
    }

    @Test
    void twoSealersDoNoHarm() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"))) {
            List<MillraceProcess> nodes =
                    MillraceProcess.allReady(List.of(launch(etcd, "n0"), launch(etcd, "n1")));
            try (MillraceProcess one = nodes.get(0);
                    MillraceProcess two = nodes.get(1);
                    MetadataObserver second = observer(etcd, 1, true)) {
                one.createTopic(TOPIC, PARTITIONS);
                ManagedChannel channel = one.connect();
                ManagedChannel other = two.connect();
                try (PatientWriter writer = new PatientWriter(channel, TOPIC, PARTITIONS, PACE)) {
                    LinkedCluster.await(
                            "sealing by both",
                            () ->
                                    second.seals() >= SEALS_OF_EACH
                                            && Meters.sum(one, SEALS) + Meters.sum(two, SEALS)
                                                    >= SEALS_OF_EACH);
                    writer.finish();
                    writer.checkStored(channel);
                    writer.checkStored(other);
                    System.out.printf(
                            "TwoSealersIT: the nodes sealed %d epochs, the other process %d; all %d acknowledged batches are there%n",
                            Meters.sum(one, SEALS) + Meters.sum(two, SEALS),
                            second.seals(),
                            writer.acknowledgements());
                } finally {
                    channel.shutdownNow();
                    other.shutdownNow();
                }
                assertThat(one.terminate()).as("exit code").isZero();
                assertThat(two.terminate()).as("exit code").isZero();
                mustBeReadFromWhatTheyLeft(etcd, second);
            }
        }
    }

    private MetadataObserver observer(EtcdServer etcd, long seed, boolean seals) throws Exception {
        Path bucket = folder.resolve("bucket");
        return seals
                ? MetadataObserver.sealing(etcd.endpoints(), bucket, CLUSTER, seed, SEAL_AGE)
                : new MetadataObserver(etcd.endpoints(), bucket, CLUSTER, seed);
    }

    private void mustBeReadFromWhatTheyLeft(EtcdServer etcd, MetadataObserver second)
            throws Exception {
        try (MetadataObserver late = observer(etcd, 2, false)) {
            assertThat(late.digest()).isEqualTo(second.digest());
            assertThat(late.hasTopic()).isTrue();
        }
    }
}

package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clusters of which one node's state differs, as after a memory error. */
final class DifferingStatesTest {

    private final EtcdCluster cluster = new EtcdCluster(1);

    private void applyAnotherEntry(Member odd) {
        cluster.loop.call(() ->
                odd.replica()
                        .entry(
                                new LogPosition(0, 1),
                                EntryCodec.encode(
                                        new Entry(
                                                9,
                                                1,
                                                List.of(new Command.ProducerIdsAllocated(1))))));
    }

    private void write(Member writer, int entries) {
        for (int i = 0; i < entries; i++) {
            cluster.create(writer, "t" + cluster.etcd.transactions());
            cluster.pass(Duration.ofSeconds(1));
        }
    }

    private int archives() {
        byte[] manifest = cluster.etcd.value("/millrace/test/manifest");
        return manifest.length == 0 ? 0 : LogManifest.parse(manifest, "manifest").archives().size();
    }

    @Test
    void aSealerThatDiffersFromTheMajorityStopsItself() {
        Member odd = cluster.startReady(true);
        Member two = cluster.startReady(false);
        Member three = cluster.startReady(false);
        write(two, 1);
        applyAnotherEntry(odd);
        write(two, 12);

        assertThat(odd.replica().stopped().join().message()).contains("differs");
        two.seals = true;
        write(three, 12);
        assertThat(two.replica().stopped()).isNotDone();
        assertThat(three.replica().stopped()).isNotDone();
        assertThat(archives()).isPositive();
    }

    @Test
    void withoutAMajorityNothingIsSealedAndBothDigestsAreReported() {
        Member odd = cluster.startReady(true);
        Member other = cluster.startReady(false);
        write(other, 1);
        applyAnotherEntry(odd);
        write(other, 20);

        assertThat(archives()).isZero();
        assertThat(odd.replica().stopped()).isNotDone();
        assertThat(other.replica().stopped()).isNotDone();
        assertThat(odd.replica().dispute().orElseThrow())
                .containsPattern("[0-9a-f]{16} at 1 nodes, [0-9a-f]{16} at 1 nodes");
    }

    @Test
    void aRestartOfTheDifferingNodeEndsTheDispute() {
        Member odd = cluster.startReady(true);
        Member other = cluster.startReady(false);
        write(other, 1);
        applyAnotherEntry(odd);
        write(other, 20);
        odd.seals = false;
        odd.client.setDisconnected(true);
        Member restarted = cluster.startReady(true);
        cluster.pass(Duration.ofSeconds(60));
        write(other, 12);

        assertThat(archives()).isPositive();
        assertThat(restarted.replica().dispute()).isEmpty();
        assertThat(restarted.replica().digest()).isEqualTo(other.replica().digest());
    }

    @Test
    void aSealerWaitsForTheDigestsOfRegisteredNodesForALimitedTime() {
        Etcd registrations = cluster.etcd.client();
        for (String node : List.of("a", "b")) {
            registrations.txn(
                    List.of(),
                    List.of(new Etcd.Op.Put("/millrace/test/nodes/" + node, new byte[0])),
                    List.of());
        }
        Member one = cluster.startReady(true);
        write(one, 12);
        int early = archives();
        cluster.pass(Duration.ofSeconds(30));

        assertThat(early).isZero();
        assertThat(archives()).isPositive();
    }
}

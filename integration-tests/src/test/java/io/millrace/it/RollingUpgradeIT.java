package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.it.RolloutCluster.Pod;
import io.millrace.it.RolloutCluster.Version;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A rolling update to a later version of Millrace under load, its rollback, and the upgrade. */
@Timeout(240)
class RollingUpgradeIT {

    private static final int PARTITIONS = 6;
    private static final String ALL_ROLES = "ingest,fetch,compaction";

    @TempDir Path folder;

    private static Pod pod(String name) {
        return new Pod(name, ALL_ROLES, "");
    }

    private static String cluster(RolloutCluster pods, String... arguments) {
        MillraceCommandLine.Result result = command(pods, arguments);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.text();
    }

    private static MillraceCommandLine.Result command(RolloutCluster pods, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "cluster";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--server";
        all[all.length - 1] = pods.addresses();
        return MillraceCommandLine.run(all);
    }

    @Test
    void aRolloutCanBeTakenBackUntilTheUpgradeOfTheCluster() throws Exception {
        try (RolloutCluster pods = new RolloutCluster(folder)) {
            pods.start(Version.CURRENT, pod("old-1"), pod("old-2"));
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            pods.addresses(), "--any-node", "--rate", "20l", "--output", "json")) {
                pods.replace("old-1", Version.LATER, pod("new-1"));
                pods.replace("old-2", Version.LATER, pod("new-2"));
                assertThat(cluster(pods, "describe"))
                        .contains("at feature level 1", "\t2\t" + LaterVersion.NAME)
                        .contains("An upgrade is due: all nodes support feature level 2");

                pods.replace("new-2", Version.CURRENT, pod("back-2"));

                MillraceCommandLine.Result refused = command(pods, "upgrade", "--to", "2");
                assertThat(refused.exit()).isEqualTo(1);
                assertThat(refused.err()).contains("node back-2 (level 1, version 0.1");
                assertThat(cluster(pods, "upgrade")).contains("feature level is 1");

                pods.replace("back-2", Version.LATER, pod("new-3"));
                RolloutCluster.await(
                        "upgrade once the last old process is closed",
                        () -> command(pods, "upgrade").exit() == 0);
                assertThat(cluster(pods, "describe"))
                        .contains("at feature level 2")
                        .doesNotContain("An upgrade is due");
                VerifyProcess.Result result = verify.finish();
                System.out.printf("RollingUpgradeIT: %s%s%n", result.err(), result.out());
                assertThat(result.exit()).as(result.toString()).isZero();
                assertThat(result.out()).contains("\"verified\":true");
            }
            assertThatThrownBy(() -> pods.start(Version.CURRENT, pod("old-3")))
                    .hasMessageContaining("ended with 1")
                    .hasMessageContaining("feature level 2")
                    .hasMessageContaining("a newer version of Millrace");
        }
    }

    @Test
    @Tag(TestScale.FULL)
    @Timeout(600)
    void clientsOfKafkaLoseDoubleAndReorderNothingInAnUpgrade() throws Exception {
        try (RolloutCluster pods = new RolloutCluster(folder)) {
            pods.start(Version.CURRENT, pod("old-1"), pod("old-2"));
            try (Admin admin = Admin.create(kafkaClient(pods))) {
                List<NewTopic> topics =
                        KafkaLoad.TOPICS.stream()
                                .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                                .toList();
                admin.createTopics(topics).all().get();
            }
            try (KafkaLoad load = new KafkaLoad(() -> kafkaClient(pods), PARTITIONS)) {
                load.startAll().awaitProgress();
                pods.replace("old-1", Version.LATER, pod("new-1"));
                load.awaitProgress();
                pods.replace("old-2", Version.LATER, pod("new-2"));
                load.awaitProgress();
                RolloutCluster.await(
                        "upgrade once the last old process is closed",
                        () -> command(pods, "upgrade").exit() == 0);
                load.awaitProgress();
                load.finish();
            }
        }
    }

    private static Map<String, Object> kafkaClient(RolloutCluster pods) {
        return Map.of("bootstrap.servers", pods.kafkaAddresses());
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.it.GroupEvent.Kind;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Consumer groups during an outage of etcd that is shorter than the session timeout of one group
 * and longer than that of another.
 */
@SystemAccess("waits for processes in real time")
@Timeout(240)
@Tag(TestScale.FULL)
class GroupEtcdOutageIT {

    private static final int PARTITIONS = 4;
    private static final Duration AWAY =
            TestScale.duration(Duration.ofSeconds(12), Duration.ofSeconds(30));
    private static final RecordedGroup.Spec PATIENT =
            new RecordedGroup.Spec("patient", "t", PARTITIONS, 75);
    private static final RecordedGroup.Spec HASTY =
            new RecordedGroup.Spec("hasty", "t", PARTITIONS, 5);

    @TempDir Path folder;

    @Test
    void membersKeepPartitionsWithinTheSessionTimeoutAndTheirIdsBeyondIt() throws Exception {
        try (FolderCluster cluster = FolderCluster.withOwnEtcd(folder, "n0", "n1");
                MillraceClient client = MillraceClient.connect(cluster.addresses());
                RecordedGroup patient = new RecordedGroup(cluster, folder, PATIENT);
                RecordedGroup hasty = new RecordedGroup(cluster, folder, HASTY)) {
            cluster.node("n0").createTopic("t", PARTITIONS);
            try (SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
                patient.startMembers(2);
                hasty.startMembers(2);
                patient.awaitBalance();
                hasty.awaitBalance();
                Map<String, List<GroupEvent>> hands = patient.assignmentEvents();
                int[] before = patient.committed(client);
                Set<String> ids = hasty.ids(client);

                cluster.etcd.kill();
                // No member is declared dead meanwhile, however long it is silent.
                MemberProcess sleeper = hasty.alive().getFirst();
                sleeper.pause();
                long pausedNanos = System.nanoTime();
                MemberProcess awake = hasty.alive().getLast();
                Eventually.await(
                        () -> awake.name() + " loses its partitions: " + hasty.errors(),
                        () ->
                                hasty
                                                .assignmentEvents()
                                                .getOrDefault(awake.name(), List.of())
                                                .stream()
                                                .anyMatch(event -> event.kind() == Kind.LOST)
                                        && System.nanoTime() - pausedNanos > AWAY.toNanos());
                sleeper.resume();
                cluster.etcd.restart();

                hasty.awaitBalance();
                int[] ends = writer.ends();
                patient.awaitHandled(ends);
                hasty.awaitHandled(ends);
                assertThat(patient.assignmentEvents()).as(patient::errors).isEqualTo(hands);
                for (int i = 0; i < PARTITIONS; i++) {
                    assertThat(ends[i]).isGreaterThan(before[i]);
                }
                assertThat(hasty.ids(client)).isEqualTo(ids);
                assertThat(hasty.assignmentEvents())
                        .allSatisfy((member, changes) ->
                                assertThat(changes)
                                        .extracting(GroupEvent::kind)
                                        .as(member)
                                        .contains(Kind.LOST)
                                        .endsWith(Kind.ASSIGNED));
                patient.endAndCheck("", client, ends);
                hasty.endAndCheck("", client, ends);
            }
        }
    }
}

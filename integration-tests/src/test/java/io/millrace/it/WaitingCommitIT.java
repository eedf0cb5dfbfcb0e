package io.millrace.it;

import static io.millrace.it.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A commit that waits on a node without etcd, while its member continues on another node. */
@Timeout(180)
class WaitingCommitIT {

    /** A group of the node with etcd. */
    private static final String GROUP = FolderCluster.groupOf("n1", Set.of("n0", "n1"));

    /** Long enough that the node is cut off but not declared dead. */
    private static final Duration LIFE = Duration.ofSeconds(120);

    @TempDir Path folder;

    @Test
    void aDelayedCommitDoesNotReplaceALaterOne() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, LIFE);
                Link link = Link.toEtcd(cluster.etcd.endpoints().getFirst())) {
            cluster.way("n0", link.endpoint()).start("n0", "n1");
            MillraceProcess cutOff = cluster.node("n0");
            ManagedChannel[] channels = {cutOff.connect(), cluster.node("n1").connect()};
            try (MillraceClient client = MillraceClient.connect(cluster.node("n1").address())) {
                client.topics().create("t", 1, Map.of());
                MemberStream before = MemberStream.joined(channels[0], GROUP, "t");
                before.commit(1, 5);
                await("a commit", () -> before.all(ResponseCase.COMMITTED).size() == 1);

                link.cut();
                before.commit(2, 10);
                long sent = before.heartbeat();
                await("an answer of the coordinator", () -> before.acknowledgedMessages() >= sent);
                MemberStream since =
                        new MemberStream(channels[1], GROUP, "t", true, before.memberId());
                await("its partitions", () -> !since.all(ResponseCase.ASSIGNED).isEmpty());
                assertThat(since.memberId()).isEqualTo(before.memberId());
                since.commit(3, 20);
                await("a later commit", () -> since.all(ResponseCase.COMMITTED).size() == 1);
                assertThat(since.all(ResponseCase.COMMITTED).getFirst().getCommitted().hasError())
                        .isFalse();
                assertThat(before.all(ResponseCase.COMMITTED)).hasSize(1);
                link.mend();

                await(
                        "the result of the delayed commit",
                        () ->
                                Meters.sum(cutOff, "millrace_group_offsets_total") == 2
                                        || Meters.sum(
                                                        cutOff,
                                                        "millrace_group_commits_total{result=\"failed\"")
                                                > 0);
                assertThat(committed(channels[1])).isEqualTo(20);
                assertThat(Meters.sum(cutOff, "millrace_group_offsets_total{result=\"superseded\""))
                        .as("commits delayed until etcd was up again")
                        .isEqualTo(1);
            } finally {
                for (ManagedChannel channel : channels) {
                    channel.shutdownNow();
                }
            }
        }
    }

    private static long committed(ManagedChannel channel) {
        return GroupsGrpc.newBlockingStub(channel)
                .describeGroup(DescribeGroupRequest.newBuilder().setGroup(GROUP).build())
                .getPartitions(0)
                .getCommittedOffset();
    }
}

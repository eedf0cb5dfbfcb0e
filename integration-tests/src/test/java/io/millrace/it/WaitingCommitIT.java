package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.MillraceClient;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A commit that waits at a node without etcd, while its member goes on at another. */
@Timeout(180)
class WaitingCommitIT {

    /** One that the node with etcd coordinates. */
    private static final String GROUP =
            IntStream.iterate(0, i -> i + 1)
                    .mapToObj(i -> "g" + i)
                    .filter(id ->
                            Rendezvous.first(Set.of("n0", "n1"), id).orElseThrow().equals("n1"))
                    .findFirst()
                    .orElseThrow();

    @TempDir Path folder;

    private MillraceProcess.Launched launch(String id, URI etcd) {
        return MillraceProcess.launchNode(
                0,
                // It is cut off, and not dead.
                Map.of("MILLRACE_NODE_LIFE_S", "120"),
                "--etcd",
                etcd.toString(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                id,
                "--roles",
                "ingest,fetch");
    }

    @Test
    void doesNotSetBackWhatTheMemberHasCommittedSince() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1);
                Link link = Link.toEtcd(etcd.endpoints().getFirst())) {
            List<MillraceProcess> nodes =
                    MillraceProcess.allReady(
                            List.of(
                                    launch("n0", link.endpoint()),
                                    launch("n1", etcd.endpoints().getFirst())));
            ManagedChannel[] channels =
                    nodes.stream()
                            .map(node ->
                                    NettyChannelBuilder.forTarget(node.address())
                                            .usePlaintext()
                                            .build())
                            .toArray(ManagedChannel[]::new);
            try (MillraceProcess cutOff = nodes.getFirst();
                    MillraceProcess whole = nodes.getLast();
                    MillraceClient client = MillraceClient.connect(whole.address())) {
                client.topics().create("t", 1, Map.of());
                MemberStream before = joined(channels[0]);
                before.commit(1, 5);
                await("a commit", () -> before.all(ResponseCase.COMMITTED).size() == 1);

                link.cut();
                before.commit(2, 10);
                long sent = before.beat();
                await("an answer of the coordinator", () -> before.answered() >= sent);
                MemberStream since =
                        new MemberStream(channels[1], GROUP, "t", true, before.memberId());
                await("what it has", () -> !since.all(ResponseCase.ASSIGNED).isEmpty());
                assertThat(since.memberId()).isEqualTo(before.memberId());
                since.commit(3, 20);
                await("a later commit", () -> since.all(ResponseCase.COMMITTED).size() == 1);
                assertThat(since.all(ResponseCase.COMMITTED).getFirst().getCommitted().hasError())
                        .isFalse();
                assertThat(before.all(ResponseCase.COMMITTED)).hasSize(1);
                link.mend();

                await(
                        "the end of the one that waits",
                        () ->
                                Meters.sum(cutOff, "millrace_group_offsets_total") == 2
                                        || Meters.sum(
                                                        cutOff,
                                                        "millrace_group_commits_total{result=\"failed\"")
                                                > 0);
                assertThat(committed(channels[1])).isEqualTo(20);
                assertThat(Meters.sum(cutOff, "millrace_group_offsets_total{result=\"superseded\""))
                        .as("commits that waited until etcd was back")
                        .isEqualTo(1);
            } finally {
                for (ManagedChannel channel : channels) {
                    channel.shutdownNow();
                }
            }
        }
    }

    private static MemberStream joined(ManagedChannel channel) {
        MemberStream[] stream = {new MemberStream(channel, GROUP, "t", true)};
        await(
                "a level that knows groups",
                () -> {
                    if (stream[0].isOver()) {
                        stream[0] = new MemberStream(channel, GROUP, "t", true);
                    }
                    return !stream[0].all(ResponseCase.ASSIGNED).isEmpty();
                });
        return stream[0];
    }

    private static long committed(ManagedChannel channel) {
        return GroupsGrpc.newBlockingStub(channel)
                .describeGroup(DescribeGroupRequest.newBuilder().setGroup(GROUP).build())
                .getPartitions(0)
                .getCommittedOffset();
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNanos).as(what).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }
}

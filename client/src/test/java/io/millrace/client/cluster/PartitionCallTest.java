package io.millrace.client.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.FakeServer;
import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionCallTest {

    private static final TopicPartition P0 = new TopicPartition("t", 0);

    /** Two nodes, of which the first serves all partitions. Records the reported failures. */
    private static final class TwoNodes implements NodeCalls {
        private final Connection first;
        private final List<String> failures = new CopyOnWriteArrayList<>();
        private final List<Connection> probed = new CopyOnWriteArrayList<>();

        TwoNodes(Connection first) {
            this.first = first;
        }

        @Override
        public @Nullable Connection route(Role role, TopicPartition partition) {
            return first;
        }

        @Override
        public String unavailableReason(Role role) {
            return "";
        }

        @Override
        public boolean hasAlternative(Role role, Connection than) {
            return true;
        }

        @Override
        public void reportFailure(Connection node, String why) {
            failures.add(why);
        }

        @Override
        public void reportSuccess(Connection node, Role role) {}

        @Override
        public boolean reportUnserved(Connection node, Role role, boolean atOnce) {
            return true;
        }

        @Override
        public CompletableFuture<Boolean> probe(Connection silent) {
            probed.add(silent);
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public boolean isLost(Connection node) {
            return false;
        }

        @Override
        public void addListener(Runnable changed) {}

        @Override
        public void removeListener(Runnable changed) {}

        @Override
        public List<Connection> anyNodes() {
            return List.of(first);
        }

        @Override
        public void reportAnswered(Connection node) {}
    }

    @Test
    void theDeadlineOfACallLetsTheNodeBeProbedAndNotAvoided() {
        try (FakeServer server = new FakeServer()) {
            server.log().create("t", 1, Map.of());
            NioEventLoopGroup group = new NioEventLoopGroup(1);
            ManagedChannel channel =
                    NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
            try {
                Connection node =
                        new Connection(
                                ClientSettings.Address.parse(server.address()), List.of(channel));
                TwoNodes nodes = new TwoNodes(node);
                FetchRequest waitsForRecords =
                        FetchRequest.newBuilder()
                                .setMaxWaitMs(60_000)
                                .setMinBytes(1)
                                .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                                .build();
                assertThat(
                                PartitionCall.of(new IoThread(group.next()), nodes, Role.FETCH, P0)
                                        .query(
                                                FetchGrpc.getFetchMethod(),
                                                waitsForRecords,
                                                Duration.ofMillis(200)))
                        .failsWithin(Duration.ofSeconds(20))
                        .withThrowableThat()
                        .havingRootCause()
                        .isInstanceOf(MillraceException.Unreachable.class);
                assertThat(nodes.failures).isEmpty();
                assertThat(nodes.probed).containsExactly(node);
            } finally {
                channel.shutdownNow();
                group.shutdownGracefully();
            }
        }
    }
}

package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ClusterNode;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.NodeRole;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescribeClusterTest {

    @TempDir Path folder;

    @Test
    void aProcessOfItsOwnIsTheOnlyNodeAndDoesAll() {
        try (RunningNode node = new RunningNode(folder)) {
            ManagedChannel channel = node.connect();
            DescribeClusterResponse answer =
                    AdminGrpc.newBlockingStub(channel)
                            .describeCluster(DescribeClusterRequest.getDefaultInstance());
            assertThat(answer.getNodesList())
                    .singleElement()
                    .satisfies(only -> {
                        assertThat(only.getId()).isEqualTo(answer.getNodeId());
                        assertThat(only.getRolesList())
                                .containsExactly(
                                        NodeRole.INGEST, NodeRole.FETCH, NodeRole.COMPACTION);
                        assertThat(channel.authority()).endsWith(":" + only.getPort());
                    })
                    .extracting(ClusterNode::getId)
                    .isEqualTo("embedded");
        }
    }
}

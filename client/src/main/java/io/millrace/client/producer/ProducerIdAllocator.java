package io.millrace.client.producer;

import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.AllocateProducerIdResponse;
import io.millrace.protocol.v1.IngestGrpc;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Allocates producer ids: an id shared by all partitions, and a new id for each partition that must
 * restart its sequence. Owner: the I/O thread, which completes the futures.
 */
final class ProducerIdAllocator {

    private final NodeCalls nodes;
    private final IoThread io;
    private @Nullable CompletableFuture<ProducerIdAndEpoch> sharedProducerId;

    ProducerIdAllocator(NodeCalls nodes, IoThread io) {
        this.nodes = nodes;
        this.io = io;
    }

    CompletableFuture<ProducerIdAndEpoch> get(TopicPartition partition, boolean unshared) {
        if (unshared) {
            return allocate(partition);
        }
        CompletableFuture<ProducerIdAndEpoch> shared = sharedProducerId;
        if (shared == null || shared.isCompletedExceptionally()) {
            shared = allocate(partition);
            sharedProducerId = shared;
        }
        return shared;
    }

    private CompletableFuture<ProducerIdAndEpoch> allocate(TopicPartition partition) {
        Connection connection = nodes.route(ClusterNode.Role.INGEST, partition);
        if (connection == null) {
            return CompletableFuture.failedFuture(
                    new MillraceException.Unreachable(
                            nodes.unavailableReason(ClusterNode.Role.INGEST), null));
        }
        CompletableFuture<ProducerIdAndEpoch> result = new CompletableFuture<>();
        CompletableFuture<AllocateProducerIdResponse> answer =
                UnaryCalls.query(
                        connection,
                        IngestGrpc.getAllocateProducerIdMethod(),
                        AllocateProducerIdRequest.getDefaultInstance(),
                        UnaryCalls.SHORT_TIMEOUT);
        answer.whenComplete((response, failure) ->
                io.run(() -> {
                    if (failure != null) {
                        if (UnaryCalls.isNodeUnavailable(failure)) {
                            nodes.reportFailure(connection, String.valueOf(failure.getMessage()));
                        } else if (UnaryCalls.isCausedByNode(failure)) {
                            nodes.reportUnserved(connection, ClusterNode.Role.INGEST, false);
                        }
                        result.completeExceptionally(failure);
                    } else {
                        result.complete(
                                new ProducerIdAndEpoch(
                                        response.getProducerId(), response.getProducerEpoch()));
                    }
                }));
        return result;
    }
}

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
 * The identities of one producer: one that all partitions begin with, and a fresh one for each
 * partition that has to begin anew. Owner: the I/O thread, on which its futures complete.
 */
final class ProducerIdAllocator {

    private final NodeCalls nodes;
    private final IoThread io;
    private @Nullable CompletableFuture<ProducerIdentity> common;

    ProducerIdAllocator(NodeCalls nodes, IoThread io) {
        this.nodes = nodes;
        this.io = io;
    }

    /**
     * @param partition whose node is asked for it
     * @param fresh whether the partition needs one of its own
     */
    CompletableFuture<ProducerIdentity> get(TopicPartition partition, boolean fresh) {
        if (fresh) {
            return allocate(partition);
        }
        CompletableFuture<ProducerIdentity> shared = common;
        if (shared == null || shared.isCompletedExceptionally()) {
            shared = allocate(partition);
            common = shared;
        }
        return shared;
    }

    private CompletableFuture<ProducerIdentity> allocate(TopicPartition partition) {
        Connection connection = nodes.route(ClusterNode.Role.INGEST, partition);
        if (connection == null) {
            return CompletableFuture.failedFuture(
                    new MillraceException.Unreachable(nodes.why(ClusterNode.Role.INGEST), null));
        }
        CompletableFuture<ProducerIdentity> result = new CompletableFuture<>();
        CompletableFuture<AllocateProducerIdResponse> answer =
                UnaryCalls.unary(
                        connection,
                        IngestGrpc.getAllocateProducerIdMethod(),
                        AllocateProducerIdRequest.getDefaultInstance(),
                        UnaryCalls.SHORT);
        answer.whenComplete((response, failure) ->
                io.run(() -> {
                    if (failure != null) {
                        if (UnaryCalls.isGone(failure)) {
                            nodes.failed(connection, String.valueOf(failure.getMessage()));
                        } else if (UnaryCalls.isUnserved(failure)) {
                            nodes.unserved(connection, ClusterNode.Role.INGEST, false);
                        }
                        result.completeExceptionally(failure);
                    } else {
                        result.complete(
                                new ProducerIdentity(
                                        response.getProducerId(), response.getProducerEpoch()));
                    }
                }));
        return result;
    }
}

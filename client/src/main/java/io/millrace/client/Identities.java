package io.millrace.client;

import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.AllocateProducerIdResponse;
import io.millrace.protocol.v1.IngestGrpc;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The identities of one producer: one that all partitions begin with, and a fresh one for each
 * partition that has to begin anew. Owner: the I/O thread, on which its futures complete.
 */
final class Identities {

    private final Connection connection;
    private final IoThread io;
    private @Nullable CompletableFuture<ProducerIdentity> common;

    Identities(Connection connection, IoThread io) {
        this.connection = connection;
        this.io = io;
    }

    CompletableFuture<ProducerIdentity> get(boolean fresh) {
        if (fresh) {
            return allocate();
        }
        CompletableFuture<ProducerIdentity> shared = common;
        if (shared == null || shared.isCompletedExceptionally()) {
            shared = allocate();
            common = shared;
        }
        return shared;
    }

    private CompletableFuture<ProducerIdentity> allocate() {
        CompletableFuture<ProducerIdentity> result = new CompletableFuture<>();
        CompletableFuture<AllocateProducerIdResponse> answer =
                Calls.unary(
                        connection,
                        IngestGrpc.getAllocateProducerIdMethod(),
                        AllocateProducerIdRequest.getDefaultInstance(),
                        Calls.SHORT);
        answer.whenComplete((response, failure) ->
                io.run(() -> {
                    if (failure != null) {
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

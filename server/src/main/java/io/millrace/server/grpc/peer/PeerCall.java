package io.millrace.server.grpc.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.peer.Page;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import io.millrace.runtime.FutureFailures;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.storage.object.ObjectStoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A ReadChunk call. A load continues after the caller cancels, as the chunk will be requested
 * again. Owned by the fetch node's loop.
 */
final class PeerCall extends ServerCall.Listener<DecodedRequest<ReadChunkRequest>> {

    private final ServerCall<DecodedRequest<ReadChunkRequest>, Page> call;
    private final PeerService service;
    private final Context context = Context.current();
    private OutboundBudget.@Nullable UnreadResponse unreadChunk;
    private boolean begun;
    private boolean ended;

    PeerCall(ServerCall<DecodedRequest<ReadChunkRequest>, Page> call, PeerService service) {
        this.call = call;
        this.service = service;
        call.request(2);
    }

    @Override
    public void onMessage(DecodedRequest<ReadChunkRequest> request) {
        service.loop()
                .runNowOrLater(() -> {
                    if (begun || ended) {
                        return;
                    }
                    begun = true;
                    switch (request) {
                        case DecodedRequest.Malformed<ReadChunkRequest>(var problem) ->
                                fail(problem);
                        case DecodedRequest.Message<ReadChunkRequest>(var message) ->
                                startRead(message);
                    }
                });
    }

    @Override
    public void onHalfClose() {
        service.loop()
                .runNowOrLater(() -> {
                    if (!begun) {
                        fail(GrpcErrors.malformed("ReadChunkRequest", "the message is missing."));
                    }
                });
    }

    @Override
    public void onComplete() {
        service.loop().runNowOrLater(this::release);
    }

    @Override
    public void onCancel() {
        service.loop()
                .runNowOrLater(() -> {
                    ended = true;
                    release();
                });
    }

    private void startRead(ReadChunkRequest request) {
        CompletableFuture<Chunk> checked;
        try {
            checked = service.chunk(request);
        } catch (ProblemException rejected) {
            fail(rejected.problem());
            return;
        }
        // Headers show the caller that this node is working, even if the chunk must be loaded
        // first.
        call.sendHeaders(new Metadata());
        checked.whenComplete(
                (chunk, failure) -> service.loop().runNowOrLater(() -> onResult(chunk, failure)));
    }

    private void onResult(@Nullable Chunk chunk, @Nullable Throwable failure) {
        if (ended) {
            return;
        }
        if (chunk == null) {
            fail(problem(failure));
            return;
        }
        ended = true;
        byte[] bytes = chunk.bytes();
        unreadChunk = service.budget().add(ConnectionIds.of(call), bytes.length, this::cutOff);
        for (int page = 0; page < chunk.pageCrcs().length; page++) {
            int from = page * Chunk.PAGE_BYTES;
            int length = Math.min(Chunk.PAGE_BYTES, bytes.length - from);
            call.sendMessage(
                    Page.newBuilder()
                            .setCrc(chunk.pageCrcs()[page])
                            .setBytes(UnsafeByteOperations.unsafeWrap(bytes, from, length))
                            .build());
        }
        call.close(Status.OK, new Metadata());
    }

    private Problem problem(@Nullable Throwable failure) {
        @Nullable Throwable cause = failure == null ? null : FutureFailures.unwrap(failure);
        return cause instanceof ObjectStoreException unread
                ? new Problem(
                        Reason.STORAGE_UNAVAILABLE,
                        "The chunk cannot be read: %s. Read from the bucket instead."
                                .formatted(unread.getMessage()))
                : GrpcErrors.problemOf(
                        cause == null ? new IllegalStateException("no answer") : cause,
                        call.getMethodDescriptor().getFullMethodName());
    }

    private void release() {
        if (unreadChunk != null) {
            unreadChunk.releaseBytes();
        }
    }

    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(
                    new TimeoutException("the chunk was not read while other readers waited"));
        }
    }

    private void fail(Problem problem) {
        if (!ended) {
            ended = true;
            GrpcErrors.close(call, problem);
        }
    }
}

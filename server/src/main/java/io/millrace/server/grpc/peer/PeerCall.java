package io.millrace.server.grpc.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.peer.Page;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import io.millrace.runtime.FutureFailures;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.LoopCall;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.storage.object.ObjectStoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A ReadChunk call. A load continues after the caller cancels, as the chunk will be requested
 * again. Owned by the fetch node's loop.
 */
final class PeerCall extends LoopCall<ReadChunkRequest, Page> {

    private final PeerService service;
    private final Context context = Context.current();
    private OutboundBudget.@Nullable UnreadResponse unreadChunk;
    private boolean begun;

    PeerCall(ServerCall<DecodedRequest<ReadChunkRequest>, Page> call, PeerService service) {
        super(call, service.loop());
        this.service = service;
        call.request(2);
    }

    @Override
    protected void receive(ReadChunkRequest request) {
        if (begun) {
            return;
        }
        begun = true;
        CompletableFuture<Chunk> checked = service.chunk(request);
        // Headers show the caller that this node is working, even if the chunk must be loaded
        // first.
        call.sendHeaders(new Metadata());
        checked.whenComplete((chunk, failure) -> run(() -> onResult(chunk, failure)));
    }

    @Override
    protected void closed() {
        if (unreadChunk != null) {
            unreadChunk.releaseBytes();
        }
    }

    private void onResult(@Nullable Chunk chunk, @Nullable Throwable failure) {
        if (hasEnded()) {
            return;
        }
        if (chunk == null) {
            fail(problem(failure));
            return;
        }
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
        succeed();
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

    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(
                    new TimeoutException("the chunk was not read while other readers waited"));
        }
    }
}

package io.millrace.server.grpc.peer;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.protocol.v1.peer.Page;
import java.util.concurrent.CompletableFuture;

/** A chunk received from a peer, page by page. Owned by the call's executor. */
final class InboundChunk extends ClientCall.Listener<Page> {

    private final ClientCall<?, Page> call;
    private final byte[] bytes;
    private final int[] pageCrcs;
    private final Runnable begun;
    private final CompletableFuture<Chunk> chunk = new CompletableFuture<>();
    private int pages;
    private int filled;

    /**
     * @param begun called when the response headers have arrived
     */
    InboundChunk(ClientCall<?, Page> call, int length, Runnable begun) {
        this.call = call;
        this.bytes = new byte[length];
        this.pageCrcs = new int[Chunk.pages(length)];
        this.begun = begun;
    }

    /** Cancelling the future ends the call. */
    CompletableFuture<Chunk> chunk() {
        var unused =
                chunk.whenComplete((found, failure) -> {
                    if (failure != null) {
                        call.cancel("the chunk is no longer needed", failure);
                    }
                });
        return chunk;
    }

    @Override
    public void onHeaders(Metadata headers) {
        begun.run();
    }

    @Override
    public void onMessage(Page page) {
        int length = page.getBytes().size();
        if (pages == pageCrcs.length || length > bytes.length - filled) {
            chunk.completeExceptionally(
                    new IllegalStateException("the peer sent more bytes than requested"));
            return;
        }
        pageCrcs[pages++] = page.getCrc();
        page.getBytes().copyTo(bytes, filled);
        filled += length;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (!status.isOk()) {
            chunk.completeExceptionally(status.asRuntimeException());
        } else if (filled < bytes.length || pages < pageCrcs.length) {
            chunk.completeExceptionally(
                    new IllegalStateException("the peer sent fewer bytes than requested"));
        } else {
            chunk.complete(new Chunk(bytes, pageCrcs));
        }
    }
}

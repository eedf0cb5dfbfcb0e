package io.millrace.client;

import java.util.concurrent.CompletableFuture;

/** A future as the listener of one record. It completes on the thread that tells the listener. */
final class FutureDelivery implements DeliveryListener {

    private final CompletableFuture<Stored> future = new CompletableFuture<>();

    CompletableFuture<Stored> future() {
        return future;
    }

    @Override
    public void stored(Stored batch, int index) {
        boolean first = index == 0 || batch.offset() == Stored.UNKNOWN_OFFSET;
        future.complete(
                first
                        ? batch
                        : new Stored(
                                batch.partition(),
                                batch.offset() + index,
                                batch.appendTimeMs(),
                                batch.duplicate(),
                                batch.timing()));
    }

    @Override
    public void failed(MillraceException failure) {
        future.completeExceptionally(failure);
    }
}

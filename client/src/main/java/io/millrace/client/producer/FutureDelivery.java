package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.util.concurrent.CompletableFuture;

/** A listener for a single record that completes a future. */
final class FutureDelivery implements DeliveryListener {

    private final CompletableFuture<ProduceResult> future = new CompletableFuture<>();

    CompletableFuture<ProduceResult> future() {
        return future;
    }

    @Override
    public void stored(ProduceResult batch, int index) {
        boolean first = index == 0 || batch.offset() == ProduceResult.UNKNOWN_OFFSET;
        future.complete(
                first
                        ? batch
                        : new ProduceResult(
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

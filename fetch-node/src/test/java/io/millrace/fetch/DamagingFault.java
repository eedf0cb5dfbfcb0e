package io.millrace.fetch;

import io.millrace.storage.object.FaultyObjectStore.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A fault that damages the bytes of reads in transit; the object in the bucket is intact. */
final class DamagingFault implements Fault {

    @Override
    public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
        return call.get()
                .thenApply(answer -> {
                    if (answer instanceof byte[] bytes) {
                        bytes[bytes.length / 2] ^= 1;
                    }
                    return answer;
                });
    }
}

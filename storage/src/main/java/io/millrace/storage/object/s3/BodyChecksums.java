package io.millrace.storage.object.s3;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Computes the CRC32C of request bodies. Bodies above {@value #MAX_BYTES_ON_CALLER} bytes are read
 * by a worker, because callers are event loops.
 */
final class BodyChecksums {

    static final int MAX_BYTES_ON_CALLER = 1 << 20;

    private final Executor workers;

    BodyChecksums(Executor workers) {
        this.workers = workers;
    }

    /**
     * Sends a request with the checksum of its body, unless the result is cancelled before.
     *
     * @param result the result of the request; fails if the checksum cannot be computed
     */
    <T> CompletableFuture<T> send(
            String what, GatherBody body, CompletableFuture<T> result, Consumer<String> send) {
        if (body.sizeBytes() <= MAX_BYTES_ON_CALLER) {
            send.accept(body.crc32c());
            return result;
        }
        try {
            workers.execute(() -> {
                try {
                    String crc = body.crc32c();
                    if (!result.isDone()) {
                        send.accept(crc);
                    }
                } catch (RuntimeException e) {
                    result.completeExceptionally(S3Failures.translated(what, e));
                }
            });
        } catch (RejectedExecutionException closing) {
            result.completeExceptionally(S3Failures.translated(what, closing));
        }
        return result;
    }
}

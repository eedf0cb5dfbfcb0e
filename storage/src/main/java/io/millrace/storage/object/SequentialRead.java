package io.millrace.storage.object;

import java.util.concurrent.CompletableFuture;

/**
 * A sequential read of a range at the pace of the caller. Bytes not yet requested take no memory.
 * Callable from any thread, by one caller at a time.
 */
public interface SequentialRead extends AutoCloseable {

    /**
     * Reads the next bytes. The previous call must have succeeded.
     *
     * @param length 1 to the number of remaining bytes
     * @return exactly {@code length} bytes, in an array that the caller owns; completes on any
     *     thread, and fails only with an {@link ObjectStoreException}
     */
    CompletableFuture<byte[]> next(int length);

    /** Releases the connection. A call in flight fails. Idempotent. */
    @Override
    void close();
}

package io.millrace.storage.object;

import java.util.concurrent.CompletableFuture;

/**
 * A sequential read of one range of an object, at the pace of the caller. Bytes not yet requested
 * take no memory, so a range may be larger than memory. Callable from any thread, by one caller at
 * a time.
 */
public interface SequentialRead extends AutoCloseable {

    /**
     * Reads the next bytes. Requires that the previous call has succeeded.
     *
     * @param length the number of bytes to read, from 1 to the number of remaining bytes
     * @return exactly {@code length} bytes, in an array that the caller owns; completes on any
     *     thread, and fails only with an {@link ObjectStoreException}
     */
    CompletableFuture<byte[]> next(int length);

    /** Releases the connection. A call in flight fails. Idempotent. */
    @Override
    void close();
}

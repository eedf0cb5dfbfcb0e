package io.millrace.storage.object;

import java.util.concurrent.CompletableFuture;

/**
 * One range of an object, read front to back, as fast as it is taken and no faster: what was not
 * asked for yet takes no memory. For whoever reads more than it can hold. May be called from any
 * thread, by one caller at a time.
 */
public interface SequentialRead extends AutoCloseable {

    /**
     * The next bytes. Only when the call before has succeeded.
     *
     * @param length 1 to as many as are left
     * @return exactly so many, in an array of the caller's own; completes on any thread, and fails
     *     only with an {@link ObjectStoreException}
     */
    CompletableFuture<byte[]> next(int length);

    /** Lets go of the connection, wherever it is. A call under way fails. Harmless to repeat. */
    @Override
    void close();
}

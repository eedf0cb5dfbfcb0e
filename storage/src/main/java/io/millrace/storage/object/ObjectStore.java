package io.millrace.storage.object;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A bucket: immutable objects by key. The port to S3 and to a local directory.
 *
 * <p>Methods may be called from any thread, never block, and complete their futures on any thread.
 * A future fails only with an {@link ObjectStoreException}; implementations do not retry.
 */
public interface ObjectStore extends AutoCloseable {

    /**
     * Writes a whole object, replacing one of the same key. When the future completes the object is
     * durable and every later call sees it; if it fails, the object may be there, whole, or not: a
     * part of it is never seen. Repeating the call is harmless.
     *
     * @param body stays unchanged until the future completes
     */
    CompletableFuture<Void> put(ObjectKey key, ObjectBody body);

    /**
     * Reads a part of an object.
     *
     * @return exactly the bytes asked for, in an array of the caller's own
     */
    CompletableFuture<byte[]> get(ObjectKey key, ByteRange range);

    /** Deletes objects. Those that are not there count as deleted. Any number of keys. */
    CompletableFuture<Void> delete(Collection<ObjectKey> keys);

    /**
     * Lists objects whose key starts with the prefix, by key in the order of their bytes.
     *
     * @param after only keys behind this one
     * @param limit at most so many, 1 to 1000
     */
    CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit);

    /** Refuses a page size that the contract does not allow. */
    static void checkLimit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("a page has 1 to 1000 objects, not " + limit);
        }
    }

    /** Releases connections and threads. Calls in flight may fail. */
    @Override
    void close();
}

package io.millrace.storage.object;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * A bucket of immutable objects by key.
 *
 * <p>Methods may be called from any thread and never block. Futures complete on any thread and fail
 * only with an {@link ObjectStoreException}. Implementations do not retry.
 */
public interface ObjectStore extends AutoCloseable {

    /**
     * Writes an object, replacing any object with the key. On success the object is durable and
     * visible to every later call. On failure the object may exist, but never in part. Idempotent.
     *
     * @param body the content, unchanged until the future completes
     */
    CompletableFuture<Void> put(ObjectKey key, ObjectBody body);

    ObjectUploads uploads();

    /** Reads exactly the bytes of a range, into an array that the caller owns. */
    CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range);

    /**
     * Returns a sequential read, which the caller must close. The first call of {@link
     * SequentialRead#next} sends the request.
     */
    default SequentialRead openRange(ObjectKey key, ByteRange range) {
        return new RepeatedGets(this, key, range);
    }

    /**
     * Deletes objects. A key without an object counts as deleted, and a failed key does not prevent
     * further deletions. If the future fails, some, none or all objects are deleted. Idempotent.
     */
    CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys);

    /**
     * Lists objects by name prefix, in byte order, including objects of other programs.
     *
     * @param after the name after which the page starts; empty for the first page
     * @param limit the maximum number of objects, 1 to 1000
     */
    CompletableFuture<Listing> list(String prefix, String after, int limit);

    static void checkLimit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("a page has 1 to 1000 entries, not " + limit);
        }
    }

    /** Releases connections and threads. Calls in flight may fail. */
    @Override
    void close();
}

package io.millrace.storage.object;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * A bucket of immutable objects by key: the port to S3 and to a local directory.
 *
 * <p>Methods may be called from any thread, never block, and complete their futures on any thread.
 * A future fails only with an {@link ObjectStoreException}; implementations do not retry.
 */
public interface ObjectStore extends AutoCloseable {

    /**
     * Writes a whole object, replacing an object with the same key. On success the object is
     * durable and visible to every later call. On failure the object may or may not exist, but is
     * never partial. Idempotent.
     *
     * @param body the content, which must not change until the future completes
     */
    CompletableFuture<Void> put(ObjectKey key, ObjectBody body);

    /** Returns the interface for uploads in parts to this bucket; always the same instance. */
    ObjectUploads uploads();

    /**
     * Reads a range of an object.
     *
     * @return exactly the bytes of the range, in an array that the caller owns
     */
    CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range);

    /**
     * Returns a sequential read of a range of an object. The first request is sent when the first
     * bytes are read. The caller must close the read.
     */
    default SequentialRead openRange(ObjectKey key, ByteRange range) {
        return new RepeatedGets(this, key, range);
    }

    /**
     * Deletes any number of objects. A key without an object counts as deleted.
     *
     * <p>A key that cannot be deleted does not prevent the deletion of other keys; the result
     * contains the key and the failure. If the future fails, some, none or all objects are deleted.
     * Idempotent.
     */
    CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys);

    /**
     * Lists objects with the given name prefix, in byte order of their names. Includes objects of
     * other programs under any names.
     *
     * @param after the name after which the page starts; empty to start at the first object
     * @param limit the maximum number of objects, 1 to 1000
     */
    CompletableFuture<Listing> list(String prefix, String after, int limit);

    /** Rejects page sizes other than 1 to 1000. */
    static void checkLimit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("a page has 1 to 1000 entries, not " + limit);
        }
    }

    /** Releases connections and threads. Calls in flight may fail. */
    @Override
    void close();
}

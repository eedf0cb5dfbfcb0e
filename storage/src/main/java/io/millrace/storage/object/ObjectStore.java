package io.millrace.storage.object;

import java.util.Collection;
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

    /** Objects that are written in parts, into this bucket. Always the same. */
    ObjectUploads uploads();

    /**
     * Reads a part of an object.
     *
     * @return exactly the bytes asked for, in an array of the caller's own
     */
    CompletableFuture<byte[]> get(ObjectKey key, ByteRange range);

    /**
     * Begins to read a part of an object front to back; nothing is asked of the bucket before the
     * first bytes are wanted. The caller closes what is returned.
     */
    default SequentialRead read(ObjectKey key, ByteRange range) {
        return new RepeatedGets(this, key, range);
    }

    /**
     * Deletes objects. A key without an object counts as deleted. Any number of keys.
     *
     * <p>A key that cannot be deleted does not prevent the deletion of others: the result contains
     * the key with its failure. If the future fails, then some, none or all of the objects are
     * deleted. Repeating the call is harmless.
     */
    CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys);

    /**
     * Lists objects whose name starts with the prefix, in the order of the bytes of their names:
     * those of others too, whatever they are called.
     *
     * @param after only names behind this one; empty for all
     * @param limit at most so many, 1 to 1000
     */
    CompletableFuture<Listing> list(String prefix, String after, int limit);

    /** Refuses a page size that the contract does not allow. */
    static void checkLimit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("a page has 1 to 1000 entries, not " + limit);
        }
    }

    /** Releases connections and threads. Calls in flight may fail. */
    @Override
    void close();
}

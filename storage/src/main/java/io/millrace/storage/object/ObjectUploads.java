package io.millrace.storage.object;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Objects of a bucket that are written in parts. What {@link ObjectStore} says of threads, failures
 * and retries holds here too.
 */
public interface ObjectUploads {

    /** Bytes that every part but the last has at least. Always the same. */
    int minPartBytes();

    /** Refuses a size of parts that {@link #begin} does not allow. */
    default void checkPartBytes(int partBytes) {
        if (partBytes < minPartBytes()) {
            throw new IllegalArgumentException(
                    "a part has %d bytes or more, not %d".formatted(minPartBytes(), partBytes));
        }
    }

    /**
     * Begins to write an object in parts, for what is too large to be held. Nothing of it is seen
     * before {@link #complete}. It must be completed or abandoned, or it stays, unseen, and takes
     * room; so does one more upload when this call is repeated because its answer was lost.
     *
     * @param partBytes of every part but the last: {@link #minPartBytes} or more
     */
    CompletableFuture<PartedUpload> begin(ObjectKey key, int partBytes);

    /**
     * Writes a part. Several may be under way, in any order; repeating the call with the same bytes
     * is harmless. Where the upload is gone it fails with {@link ObjectStoreException.Missing}, or
     * else the completion does.
     *
     * @param number from 1 to {@link PartedUpload#MAX_PARTS}; those of an object leave none out
     * @param body as many bytes as was said at the beginning, the last part at most so many and at
     *     least 1; stays unchanged until the future completes
     */
    CompletableFuture<StoredPart> putPart(PartedUpload upload, int number, ObjectBody body);

    /**
     * Makes the parts an object, replacing one of the same key. What {@link ObjectStore#put} says
     * of durability and failures holds here too. Repeating the call is harmless: it succeeds while
     * the object is there that this upload became. Fails with {@link ObjectStoreException.Missing}
     * if the upload is gone without having become that, or a part did not arrive as its receipt
     * says: then the object must be written anew.
     *
     * @param parts all of them, in their order, at least one; none is under way
     */
    CompletableFuture<Void> complete(PartedUpload upload, List<StoredPart> parts);

    /**
     * Gives an upload up and frees what its parts take. One that is gone, or completed, counts as
     * abandoned; its object stays. A part that is under way meanwhile may come back, and go when
     * the call is repeated.
     */
    CompletableFuture<Void> abandon(UploadId upload);

    /**
     * Lists uploads that were begun, and neither completed nor abandoned, of keys that start with
     * the prefix, by key. A store may leave out those that it frees by itself in time.
     *
     * @param after only uploads behind this one
     * @param limit at most so many, 1 to 1000
     */
    CompletableFuture<UploadListing> unfinished(String prefix, Optional<UploadId> after, int limit);
}

package io.millrace.storage.object;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Multipart uploads of objects. Threads, failures and retries are as in {@link ObjectStore}. */
public interface ObjectUploads {

    /** Returns the minimum size of every part but the last; constant. */
    int minPartBytes();

    default void checkPartBytes(int partBytes) {
        if (partBytes < minPartBytes()) {
            throw new IllegalArgumentException(
                    "a part has %d bytes or more, not %d".formatted(minPartBytes(), partBytes));
        }
    }

    /**
     * Starts an upload, invisible to readers until {@link #complete}. Until completed or aborted,
     * its parts take space. A repeated call starts a second upload.
     *
     * @param partBytes the size of every part but the last, at least {@link #minPartBytes}
     */
    CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes);

    /**
     * Writes a part, concurrently, in any order, and repeatedly with the same bytes. If the upload
     * no longer exists, this call or the completion fails with {@link
     * ObjectStoreException.Missing}.
     *
     * @param number 1 to {@link MultipartUpload#MAX_PARTS}, without gaps
     * @param body exactly the part size, or for the last part 1 byte to that size; unchanged until
     *     the future completes
     */
    CompletableFuture<StoredPart> uploadPart(MultipartUpload upload, int number, ObjectBody body);

    /**
     * Combines the parts into an object, with replacement and durability as in {@link
     * ObjectStore#put}. While the object of this upload exists, a repeated call succeeds.
     *
     * <p>If the upload no longer exists or a part differs from its etag, fails with {@link
     * ObjectStoreException.Missing}. The caller must then write the object again.
     *
     * @param parts all parts in order, none in flight
     */
    CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts);

    /**
     * Aborts an upload and frees its parts. Does not affect a completed object. A part in flight
     * may survive; repeating the call frees the part.
     */
    CompletableFuture<Void> abort(UploadId upload);

    /**
     * Lists unfinished uploads by key prefix, ordered by key. A store may omit uploads that it
     * frees by itself.
     *
     * @param limit 1 to 1000
     */
    CompletableFuture<UploadListing> listUnfinished(
            String prefix, Optional<UploadId> after, int limit);
}

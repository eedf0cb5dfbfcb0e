package io.millrace.storage.object;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Uploads of objects in parts. Threads, failures and retries are as in {@link ObjectStore}. */
public interface ObjectUploads {

    /** Returns the minimum size of every part but the last; constant. */
    int minPartBytes();

    /** Rejects part sizes that {@link #begin} does not allow. */
    default void checkPartBytes(int partBytes) {
        if (partBytes < minPartBytes()) {
            throw new IllegalArgumentException(
                    "a part has %d bytes or more, not %d".formatted(minPartBytes(), partBytes));
        }
    }

    /**
     * Starts an upload in parts, for an object too large for memory. Readers see nothing before
     * {@link #complete}. The caller must complete or abandon the upload; otherwise the parts
     * remain, unseen, and take space. Repeating a call after a lost response starts a second
     * upload, to which the same applies.
     *
     * @param partBytes the size of every part but the last, at least {@link #minPartBytes}
     */
    CompletableFuture<PartedUpload> begin(ObjectKey key, int partBytes);

    /**
     * Writes a part. Several parts may be written concurrently, in any order. Repeating a call with
     * the same bytes is harmless. If the upload no longer exists, either this call or the
     * completion fails with {@link ObjectStoreException.Missing}.
     *
     * @param number the number of the part, from 1 to {@link PartedUpload#MAX_PARTS}, without gaps
     * @param body the content: exactly the upload's part size, or for the last part between 1 byte
     *     and that size; must not change until the future completes
     */
    CompletableFuture<StoredPart> putPart(PartedUpload upload, int number, ObjectBody body);

    /**
     * Combines the parts into an object, replacing an object with the same key. Durability and
     * failures are as in {@link ObjectStore#put}. A repeated call succeeds while the object of this
     * upload exists. Fails with {@link ObjectStoreException.Missing} if the upload no longer exists
     * without having been completed, or if a part does not match its receipt. The caller must then
     * write the object again.
     *
     * @param parts all parts in order, at least one; no part may be in flight
     */
    CompletableFuture<Void> complete(PartedUpload upload, List<StoredPart> parts);

    /**
     * Aborts an upload and frees the space of its parts. Succeeds for an upload that no longer
     * exists or is completed; the object of a completed upload remains. A part in flight may
     * survive the call and is freed by repeating it.
     */
    CompletableFuture<Void> abandon(UploadId upload);

    /**
     * Lists uploads that are neither completed nor abandoned, of keys that start with the prefix,
     * ordered by key. A store may omit uploads that it frees by itself.
     *
     * @param after the upload after which the page starts
     * @param limit the maximum number of uploads, 1 to 1000
     */
    CompletableFuture<UploadListing> listUnfinished(
            String prefix, Optional<UploadId> after, int limit);
}

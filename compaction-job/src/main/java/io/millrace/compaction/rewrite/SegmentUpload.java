package io.millrace.compaction.rewrite;

import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.PartedUpload;
import io.millrace.storage.object.StoredPart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Upload of an object that is produced piece by piece: a multipart upload with one part at a time,
 * or a single request if the object is small. Owned by the executor.
 */
final class SegmentUpload {

    private final ObjectStore bucket;
    private final ObjectKey key;
    private final int partBytes;
    private final Executor executor;
    private final List<StoredPart> parts = new ArrayList<>();
    private @Nullable PartedUpload begun;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    SegmentUpload(ObjectStore bucket, ObjectKey key, int partBytes, Executor executor) {
        this.bucket = bucket;
        this.key = key;
        this.partBytes = partBytes;
        this.executor = executor;
    }

    int partBytes() {
        return partBytes;
    }

    boolean isBusy() {
        return !last.isDone();
    }

    /** Returns a future that completes when no part is being uploaded. */
    CompletableFuture<Void> idle() {
        return last;
    }

    /**
     * Uploads a part.
     *
     * @param uploaded runs on the executor after the upload, when the body may be released
     * @return completes when the upload of this part starts, after all earlier ones have completed;
     *     at most one part is held
     */
    CompletableFuture<Void> part(ObjectBody body, Runnable uploaded) {
        return last.thenRunAsync(() -> last = put(body).thenRunAsync(uploaded, executor), executor);
    }

    private CompletableFuture<Void> put(ObjectBody body) {
        PartedUpload upload = begun;
        if (upload == null) {
            return bucket.uploads()
                    .begin(key, partBytes)
                    .thenComposeAsync(
                            now -> {
                                begun = now;
                                return put(body);
                            },
                            executor);
        }
        return bucket.uploads()
                .putPart(upload, parts.size() + 1, body)
                .thenAcceptAsync(parts::add, executor);
    }

    /**
     * Uploads the last part and completes the object.
     *
     * @param body at least one byte, and at most the size of a part
     */
    CompletableFuture<Void> finish(ObjectBody body) {
        return last.thenComposeAsync(before -> finishNow(body), executor);
    }

    private CompletableFuture<Void> finishNow(ObjectBody body) {
        PartedUpload upload = begun;
        return upload == null
                ? bucket.put(key, body)
                : put(body)
                        .thenComposeAsync(
                                done -> bucket.uploads().complete(upload, parts), executor);
    }

    /** Aborts the upload as far as possible; the orphan sweep removes what remains. */
    CompletableFuture<Void> abandon() {
        return last.exceptionally(failure -> null)
                .thenComposeAsync(before -> abandonNow(), executor)
                .exceptionally(failure -> null);
    }

    private CompletableFuture<Void> abandonNow() {
        PartedUpload upload = begun;
        return upload == null
                ? CompletableFuture.completedFuture(null)
                : bucket.uploads().abandon(upload.id());
    }
}

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
 * The upload of an object that comes piece by piece: in parts, one at a time, or at once if it is
 * small. Owned by the executor.
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

    /** Bytes of every part but the last. */
    int partBytes() {
        return partBytes;
    }

    /** Whether a part is being uploaded. */
    boolean isBusy() {
        return !last.isDone();
    }

    /** Completes when no part is being uploaded any more. */
    CompletableFuture<Void> idle() {
        return last;
    }

    /**
     * Uploads a part.
     *
     * @param uploaded runs on the executor when it is, and the body is not needed any more
     * @return completes when those before it are uploaded and this one is begun, so that only one
     *     is held for this
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
     * Uploads what is left, after which the object is in the bucket.
     *
     * @param body at least one byte, and at most as many as a part has
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

    /** Gives up, as well as it can be done: what stays is found when the bucket is cleaned. */
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

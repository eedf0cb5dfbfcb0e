package io.millrace.compaction.rewrite;

import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StoredPart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An upload of an object that is produced piece by piece. Uses a multipart upload with one part at
 * a time, or a single request for a small object. Owned by the executor.
 */
final class SegmentUpload {

    private final ObjectStore bucket;
    private final ObjectKey key;
    private final int partBytes;
    private final Executor executor;
    private final List<StoredPart> parts = new ArrayList<>();
    private @Nullable MultipartUpload multipartUpload;
    private CompletableFuture<Void> lastPart = CompletableFuture.completedFuture(null);

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
        return !lastPart.isDone();
    }

    CompletableFuture<Void> whenIdle() {
        return lastPart;
    }

    /**
     * Uploads a part; completes when the upload starts, after all earlier parts.
     *
     * @param uploaded runs on the executor after the upload, when the body may be released
     */
    CompletableFuture<Void> uploadPart(ObjectBody body, Runnable uploaded) {
        return lastPart.thenRunAsync(
                () -> lastPart = put(body).thenRunAsync(uploaded, executor), executor);
    }

    private CompletableFuture<Void> put(ObjectBody body) {
        MultipartUpload upload = multipartUpload;
        if (upload == null) {
            return bucket.uploads()
                    .create(key, partBytes)
                    .thenComposeAsync(
                            now -> {
                                multipartUpload = now;
                                return put(body);
                            },
                            executor);
        }
        return bucket.uploads()
                .uploadPart(upload, parts.size() + 1, body)
                .thenAcceptAsync(parts::add, executor);
    }

    /**
     * Uploads the last part and completes the object.
     *
     * @param body from 1 byte to the size of a part
     */
    CompletableFuture<Void> finish(ObjectBody body) {
        return lastPart.thenComposeAsync(before -> finishNow(body), executor);
    }

    private CompletableFuture<Void> finishNow(ObjectBody body) {
        MultipartUpload upload = multipartUpload;
        return upload == null
                ? bucket.put(key, body)
                : put(body)
                        .thenComposeAsync(
                                done -> bucket.uploads().complete(upload, parts), executor);
    }

    /** Aborts the upload as far as possible; the orphan sweep removes the rest. */
    CompletableFuture<Void> abort() {
        return lastPart.exceptionally(failure -> null)
                .thenComposeAsync(before -> abortNow(), executor)
                .exceptionally(failure -> null);
    }

    private CompletableFuture<Void> abortNow() {
        MultipartUpload upload = multipartUpload;
        return upload == null
                ? CompletableFuture.completedFuture(null)
                : bucket.uploads().abort(upload.id());
    }
}

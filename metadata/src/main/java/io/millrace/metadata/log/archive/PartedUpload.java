package io.millrace.metadata.log.archive;

import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StoredPart;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A write of an object in parts, one after the other. A failed part is sent again by itself, so the
 * time for an object does not have to fit the deadline of a call. Used once.
 */
final class PartedUpload {

    /** The size of a part, and of the largest object that is written by a single call. */
    static final int PART_BYTES = 16 << 20;

    private final ObjectStore bucket;
    private final byte[] bytes;
    private final MultipartUpload upload;
    private final List<StoredPart> parts = new ArrayList<>();

    private PartedUpload(ObjectStore bucket, byte[] bytes, MultipartUpload upload) {
        this.bucket = bucket;
        this.bytes = bytes;
        this.upload = upload;
    }

    /**
     * Writes an object, in a single call if it is small.
     *
     * @param bytes the content; owned by the bucket after the call
     */
    static CompletableFuture<Void> put(ObjectStore bucket, ObjectKey key, byte[] bytes) {
        if (bytes.length <= PART_BYTES) {
            return bucket.put(key, ObjectBody.of(bytes));
        }
        return bucket.uploads()
                .create(key, PART_BYTES)
                .thenCompose(upload -> new PartedUpload(bucket, bytes, upload).run());
    }

    private CompletableFuture<Void> run() {
        return uploadFrom(0)
                .thenCompose(all -> bucket.uploads().complete(upload, parts))
                .exceptionallyCompose(failure ->
                        bucket.uploads()
                                .abort(upload.id())
                                .handle((aborted, ignored) -> failure)
                                .thenCompose(CompletableFuture::failedFuture));
    }

    private CompletableFuture<Void> uploadFrom(int start) {
        int length = Math.min(PART_BYTES, bytes.length - start);
        if (length == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.uploads()
                .uploadPart(upload, parts.size() + 1, part(start, length))
                .thenCompose(stored -> {
                    parts.add(stored);
                    return uploadFrom(start + length);
                });
    }

    private ObjectBody part(int start, int length) {
        return new ObjectBody() {
            @Override
            public long sizeBytes() {
                return length;
            }

            @Override
            public List<ByteBuffer> pieces() {
                return List.of(ByteBuffer.wrap(bytes, start, length).slice().asReadOnlyBuffer());
            }
        };
    }
}

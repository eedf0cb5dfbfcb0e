package io.millrace.benchmarks;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An object store that accepts every object at once and keeps none. */
final class DiscardingObjectStore implements ObjectStore {

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public ObjectUploads uploads() {
        return new Uploads();
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return CompletableFuture.failedFuture(
                new ObjectStoreException.Missing(key + ": this store keeps no objects", null));
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        return CompletableFuture.completedFuture(DeleteResult.complete());
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return CompletableFuture.completedFuture(new Listing(List.of(), false));
    }

    @Override
    public void close() {}

    private static final class Uploads implements ObjectUploads {

        @Override
        public int minPartBytes() {
            return MultipartUpload.MIN_PART_BYTES;
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            return CompletableFuture.completedFuture(
                    new MultipartUpload(new UploadId(key, "nowhere"), partBytes, ""));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            return CompletableFuture.completedFuture(
                    new StoredPart(number, (int) body.sizeBytes(), ""));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return CompletableFuture.completedFuture(new UploadListing(List.of(), false));
        }
    }
}

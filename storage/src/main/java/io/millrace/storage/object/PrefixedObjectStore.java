package io.millrace.storage.object;

import io.millrace.storage.object.Listing.ListedObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A part of a bucket: the objects whose names begin with a prefix, under their names without it.
 * Failures name the objects with the prefix.
 */
public final class PrefixedObjectStore implements ObjectStore {

    private final ObjectStore delegate;
    private final String prefix;

    /**
     * @param prefix a legal key that ends with a slash
     */
    public PrefixedObjectStore(ObjectStore delegate, String prefix) {
        this.delegate = delegate;
        this.prefix = prefix;
    }

    private ObjectKey full(ObjectKey key) {
        return new ObjectKey(prefix + key.value());
    }

    private String stripped(String name) {
        return name.substring(prefix.length());
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return delegate.put(full(key), body);
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return delegate.getRange(full(key), range);
    }

    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return delegate.openRange(full(key), range);
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        return delegate.delete(keys.stream().map(this::full).toList())
                .thenApply(result -> {
                    Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>();
                    result.failures()
                            .forEach((key, failure) ->
                                    failures.put(new ObjectKey(stripped(key.value())), failure));
                    return new DeleteResult(failures);
                });
    }

    @Override
    public CompletableFuture<Listing> list(String start, String after, int limit) {
        return delegate.list(prefix + start, after.isEmpty() ? "" : prefix + after, limit)
                .thenApply(page -> {
                    List<ListedObject> objects = new ArrayList<>(page.objects().size());
                    for (ListedObject object : page.objects()) {
                        objects.add(
                                new ListedObject(
                                        stripped(object.name()),
                                        object.sizeBytes(),
                                        object.lastModified()));
                    }
                    return new Listing(objects, page.truncated());
                });
    }

    @Override
    public ObjectUploads uploads() {
        return new Uploads(delegate.uploads());
    }

    /** Uploads keep the full key in their handle, so that only the creation adds the prefix. */
    private final class Uploads implements ObjectUploads {

        private final ObjectUploads uploads;

        Uploads(ObjectUploads uploads) {
            this.uploads = uploads;
        }

        @Override
        public int minPartBytes() {
            return uploads.minPartBytes();
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            return uploads.create(full(key), partBytes);
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            return uploads.uploadPart(upload, number, body);
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            return uploads.complete(upload, parts);
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return uploads.abort(upload);
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String start, Optional<UploadId> after, int limit) {
            return uploads.listUnfinished(prefix + start, after, limit);
        }
    }

    @Override
    public void close() {
        delegate.close();
    }
}

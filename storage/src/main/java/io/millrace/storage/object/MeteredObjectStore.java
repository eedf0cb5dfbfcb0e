package io.millrace.storage.object;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.StorageMetrics.Operation;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * An object store that counts and times requests. Belongs directly around the store that connects
 * to the bucket, so that each retry and hedge counts.
 */
public final class MeteredObjectStore implements ObjectStore {

    private final ObjectStore delegate;
    private final ObjectUploads uploads;
    private final EventLoop clock;
    private final StorageMetrics metrics;

    /** Creates a metered store. The event loop is only a source of time. */
    public MeteredObjectStore(ObjectStore delegate, EventLoop clock, StorageMetrics metrics) {
        this.delegate = delegate;
        this.uploads = new MeteredUploads(delegate.uploads());
        this.clock = clock;
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        long began = clock.nanoTime();
        return metered(
                Operation.PUT,
                began,
                delegate.put(key, body),
                any -> metrics.written(body.sizeBytes()));
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        long began = clock.nanoTime();
        return metered(
                Operation.GET,
                began,
                delegate.getRange(key, range),
                any -> metrics.read(range.length()));
    }

    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return new MeteredRead(delegate.openRange(key, range));
    }

    /** Counts one request, answered at its first bytes, because S3 charges for one request. */
    private final class MeteredRead implements SequentialRead {

        private final SequentialRead read;
        private boolean begun;

        MeteredRead(SequentialRead read) {
            this.read = read;
        }

        @Override
        public CompletableFuture<byte[]> next(int length) {
            if (begun) {
                return read.next(length)
                        .whenComplete((bytes, failure) -> {
                            if (failure == null) {
                                metrics.read(length);
                            } else {
                                metrics.incompleteGet();
                            }
                        });
            }
            begun = true;
            long began = clock.nanoTime();
            return metered(Operation.GET, began, read.next(length), any -> metrics.read(length));
        }

        @Override
        public void close() {
            read.close();
        }
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        long began = clock.nanoTime();
        return metered(
                Operation.DELETE,
                began,
                delegate.delete(keys),
                result ->
                        result.failures()
                                .values()
                                .forEach(failure -> metrics.failed(Operation.DELETE, failure)));
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        long began = clock.nanoTime();
        return metered(Operation.LIST, began, delegate.list(prefix, after, limit), any -> {});
    }

    private <T> CompletableFuture<T> metered(
            Operation operation,
            long beganNanos,
            CompletableFuture<T> request,
            Consumer<T> onAnswer) {
        request.whenComplete((answer, failure) -> {
            if (failure == null) {
                metrics.answered(operation, clock.nanoTime() - beganNanos);
                metrics.contact().answered(operation);
                onAnswer.accept(answer);
            } else {
                metrics.failed(operation, failure);
                metrics.contact().failed(operation, failure, clock.nanoTime());
            }
        });
        return request;
    }

    @Override
    public void close() {
        delegate.close();
    }

    private final class MeteredUploads implements ObjectUploads {

        private final ObjectUploads uploads;

        MeteredUploads(ObjectUploads uploads) {
            this.uploads = uploads;
        }

        @Override
        public int minPartBytes() {
            return uploads.minPartBytes();
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            long began = clock.nanoTime();
            return metered(
                    Operation.CREATE_MULTIPART, began, uploads.create(key, partBytes), any -> {});
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            long began = clock.nanoTime();
            return metered(
                    Operation.UPLOAD_PART,
                    began,
                    uploads.uploadPart(upload, number, body),
                    any -> metrics.written(body.sizeBytes()));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            long began = clock.nanoTime();
            return metered(
                    Operation.COMPLETE_MULTIPART,
                    began,
                    uploads.complete(upload, parts),
                    any -> {});
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            long began = clock.nanoTime();
            return metered(Operation.ABORT_MULTIPART, began, uploads.abort(upload), any -> {});
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            long began = clock.nanoTime();
            return metered(
                    Operation.LIST_MULTIPART,
                    began,
                    uploads.listUnfinished(prefix, after, limit),
                    any -> {});
        }
    }
}

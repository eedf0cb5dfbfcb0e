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
import io.millrace.storage.stream.ObjectId;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket of objects that all consist of one batch; keeps only the offsets of segments. Written
 * bytes are verified. Parts of an object arrive in order. Thread-safe.
 */
final class SyntheticBucket implements ObjectStore {

    private final String cluster;
    private final byte[] batch;
    private final Map<ObjectKey, SyntheticSegment> segments = new ConcurrentHashMap<>();
    private final AtomicLong writtenBytes = new AtomicLong();
    private final AtomicLong readBytes = new AtomicLong();

    /**
     * @param batch the batch of all objects; must not change
     */
    SyntheticBucket(String cluster, byte[] batch) {
        this.cluster = cluster;
        this.batch = batch;
    }

    long writtenBytes() {
        return writtenBytes.get();
    }

    long readBytes() {
        return readBytes.get();
    }

    Optional<SyntheticSegment> segment(ObjectId id) {
        return Optional.ofNullable(segments.get(id.key(cluster)));
    }

    private void write(ObjectKey key, ObjectBody body) {
        SyntheticSegment segment =
                segments.computeIfAbsent(key, any -> new SyntheticSegment(batch));
        for (ByteBuffer piece : body.pieces()) {
            writtenBytes.addAndGet(piece.remaining());
            segment.write(piece);
        }
    }

    private void end(ObjectKey key) {
        ObjectId id = ObjectId.parse(key, cluster).orElseThrow();
        Objects.requireNonNull(segments.get(key)).end(id);
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        write(key, body);
        end(key);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public ObjectUploads uploads() {
        return new Uploads();
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        readBytes.addAndGet(range.length());
        Optional<ObjectId> id = ObjectId.parse(key, cluster);
        if (id.isPresent() && id.get().kind() == ObjectId.Kind.WAL) {
            return CompletableFuture.completedFuture(SyntheticSegment.batches(batch, range));
        }
        SyntheticSegment segment = segments.get(key);
        return segment == null
                ? CompletableFuture.failedFuture(
                        new ObjectStoreException.Missing(key + " was never written", null))
                : CompletableFuture.completedFuture(segment.read(range));
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        keys.forEach(segments::remove);
        return CompletableFuture.completedFuture(DeleteResult.complete());
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return CompletableFuture.completedFuture(new Listing(List.of(), false));
    }

    @Override
    public void close() {}

    private final class Uploads implements ObjectUploads {

        @Override
        public int minPartBytes() {
            return MultipartUpload.MIN_PART_BYTES;
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            return CompletableFuture.completedFuture(
                    new MultipartUpload(new UploadId(key, "one"), partBytes, ""));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            write(upload.key(), body);
            return CompletableFuture.completedFuture(
                    new StoredPart(number, (int) body.sizeBytes(), ""));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            end(upload.key());
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            segments.remove(upload.key());
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return CompletableFuture.completedFuture(new UploadListing(List.of(), false));
        }
    }
}

package io.millrace.simulation.world;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectUploads;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** The nodes' view of the bucket. Notifies the checks of requests before the effect. */
final class ObservedBucket implements ObjectStore {

    interface Listener {
        void reading(ObjectKey key);

        void deleting(Collection<ObjectKey> keys);
    }

    private final ObjectStore bucket;
    private final Listener listener;

    ObservedBucket(ObjectStore bucket, Listener listener) {
        this.bucket = bucket;
        this.listener = listener;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return bucket.put(key, body);
    }

    @Override
    public ObjectUploads uploads() {
        return bucket.uploads();
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        listener.reading(key);
        return bucket.getRange(key, range);
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        listener.deleting(keys);
        return bucket.delete(keys);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return bucket.list(prefix, after, limit);
    }

    @Override
    public void close() {}
}

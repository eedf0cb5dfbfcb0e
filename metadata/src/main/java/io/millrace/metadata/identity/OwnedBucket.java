package io.millrace.metadata.identity;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.SequentialRead;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * A bucket that deletes objects only while it has the identity of this node's log. Another identity
 * means that the cluster was restored from the bucket: objects that the former log does not
 * reference then belong to the restored one. Each deletion costs one LIST request more.
 */
public final class OwnedBucket implements ObjectStore {

    private final ObjectStore bucket;
    private final BucketIdentity identities;
    private final ClusterId own;

    public OwnedBucket(ObjectStore bucket, String cluster, ClusterId own) {
        this.bucket = bucket;
        this.identities = new BucketIdentity(bucket, cluster);
        this.own = own;
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        return identities
                .identities()
                .thenCompose(stored ->
                        stored.stream().anyMatch(each -> each.id().equals(own))
                                ? bucket.delete(keys)
                                : CompletableFuture.failedFuture(
                                        new ObjectStoreException.RequestRejected(
                                                "The bucket no longer has the identity %s of this node's log, so nothing is deleted: the cluster was restored from the bucket, or the bucket adopted by another log. Stop this node, and start it with the log of the cluster."
                                                        .formatted(own),
                                                null)));
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
        return bucket.getRange(key, range);
    }

    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return bucket.openRange(key, range);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return bucket.list(prefix, after, limit);
    }

    @Override
    public void close() {
        bucket.close();
    }
}

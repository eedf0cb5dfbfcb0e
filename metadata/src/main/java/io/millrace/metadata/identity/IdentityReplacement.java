package io.millrace.metadata.identity;

import io.millrace.metadata.identity.BucketIdentity.Stored;
import io.millrace.metadata.log.LogException;
import io.millrace.storage.object.ObjectStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The replacement of a bucket's identity when its cluster is restored into a new etcd. Nodes with
 * the former etcd are refused afterwards. Two restores at the same time cannot both succeed: at
 * least one finds the identity of the other. One thread at a time.
 */
public final class IdentityReplacement {

    private final BucketIdentity bucket;
    private final ClusterId id;

    public IdentityReplacement(ObjectStore bucket, String cluster, RandomGenerator random) {
        this.bucket = new BucketIdentity(bucket, cluster);
        this.id = ClusterId.random(random);
    }

    /** Returns the new identity. */
    public ClusterId id() {
        return id;
    }

    /** Returns the identities in the bucket. */
    public CompletableFuture<List<ClusterId>> current() {
        return bucket.identities().thenApply(found -> found.stream().map(Stored::id).toList());
    }

    /**
     * Stores the new identity and deletes the replaced ones.
     *
     * @param replaced the identities in the bucket when the restore began
     * @return fails with {@link LogException.ForeignBucket} if the bucket has another identity
     */
    public CompletableFuture<Void> run(List<ClusterId> replaced) {
        CompletableFuture<Void> deleted = bucket.put(id);
        for (ClusterId former : replaced) {
            deleted = deleted.thenCompose(done -> bucket.delete(former));
        }
        return deleted.thenCompose(done -> current())
                .thenCompose(now ->
                        now.equals(List.of(id))
                                ? CompletableFuture.completedFuture(null)
                                : undo(replaced).thenApply(undone -> refuse(now)));
    }

    /**
     * Deletes the new identity and stores the replaced ones again, unless another restore has
     * stored its own. Idempotent.
     *
     * @param replaced the identities in the bucket when the restore began
     */
    public CompletableFuture<Void> undo(List<ClusterId> replaced) {
        return bucket.delete(id)
                .thenCompose(deleted -> current())
                .thenCompose(others ->
                        others.isEmpty() || replaced.containsAll(others)
                                ? putAll(replaced)
                                : CompletableFuture.completedFuture(null));
    }

    private CompletableFuture<Void> putAll(List<ClusterId> identities) {
        CompletableFuture<Void> stored = CompletableFuture.completedFuture(null);
        for (ClusterId each : identities) {
            stored = stored.thenCompose(done -> bucket.put(each));
        }
        return stored;
    }

    private Void refuse(List<ClusterId> now) {
        throw new LogException.ForeignBucket(
                "The bucket got another identity meanwhile (%s), so another restore or a node uses it and nothing was restored. Stop the nodes, wait for the other restore, and run this command again if that failed."
                        .formatted(now));
    }
}

package io.millrace.metadata.identity;

import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * The identity objects of a cluster name in the bucket, one for each cluster that uses the bucket
 * under this name, and a search for other objects of that name.
 */
final class BucketIdentity {

    private static final int PAGE = 1000;
    private static final int HASHES = 256;

    /** An identity object and the time of its storage. */
    record Stored(ClusterId id, Instant at) {}

    /**
     * Objects of a cluster.
     *
     * @param more whether further objects may exist
     */
    record Found(int objects, boolean more, Instant oldest, Instant newest) {}

    private final ObjectStore bucket;
    private final String cluster;
    private final Pattern ofCluster;

    BucketIdentity(ObjectStore bucket, String cluster) {
        this.bucket = bucket;
        this.cluster = cluster;
        this.ofCluster =
                Pattern.compile("[0-9a-f]{2}/" + Pattern.quote(cluster) + "/(wal|seg|man|meta)/.*");
    }

    CompletableFuture<List<Stored>> identities() {
        return bucket.list(ClusterId.keyPrefix(cluster), "", PAGE)
                .thenApply(page ->
                        page.objects().stream()
                                .flatMap(object ->
                                        ClusterId.ofObject(object.name(), cluster).stream()
                                                .map(id -> new Stored(id, object.lastModified())))
                                .toList());
    }

    CompletableFuture<Void> put(ClusterId id) {
        return bucket.put(id.key(cluster), ObjectBody.of(id.toBytes()));
    }

    CompletableFuture<Void> delete(ClusterId id) {
        return bucket.delete(List.of(id.key(cluster))).thenAccept(DeleteResult::throwIfIncomplete);
    }

    /**
     * Searches for objects of the cluster other than identities. Costs one LIST request, or 256
     * more if other programs fill the first page.
     */
    CompletableFuture<Optional<Found>> objects() {
        return bucket.list("", "", PAGE)
                .thenCompose(page -> {
                    Optional<Found> found = found(page);
                    return found.isPresent() || !page.truncated()
                            ? CompletableFuture.completedFuture(found)
                            : probe(0);
                });
    }

    private CompletableFuture<Optional<Found>> probe(int hash) {
        if (hash == HASHES) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return bucket.list("%02x/%s/".formatted(hash, cluster), "", PAGE)
                .thenCompose(page -> {
                    Optional<Found> found = found(page);
                    return found.isPresent()
                            ? CompletableFuture.completedFuture(
                                    found.map(some ->
                                            new Found(
                                                    some.objects(),
                                                    true,
                                                    some.oldest(),
                                                    some.newest())))
                            : probe(hash + 1);
                });
    }

    private Optional<Found> found(Listing page) {
        List<Instant> times =
                page.objects().stream()
                        .filter(object -> ofCluster.matcher(object.name()).matches())
                        .map(ListedObject::lastModified)
                        .sorted(Comparator.naturalOrder())
                        .toList();
        return times.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Found(
                                times.size(), page.truncated(), times.getFirst(), times.getLast()));
    }
}

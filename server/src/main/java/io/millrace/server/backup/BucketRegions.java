package io.millrace.server.backup;

import io.millrace.metadata.restore.BucketComparison;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A listing of all objects of a cluster, by the 256 prefixes of their keys. Holds the listings of
 * at most four prefixes. Blocks; one thread.
 */
record BucketRegions(ObjectStore bucket, String cluster) {

    private static final int PAGE = 1000;
    private static final int HASHES = 256;

    /** Adds all objects to a comparison. */
    void list(BucketComparison comparison) {
        list(comparison::add);
    }

    void list(Consumer<List<ListedObject>> receiver) {
        List<String> prefixes =
                IntStream.range(0, HASHES).mapToObj("%02x/"::formatted).map(this::prefix).toList();
        ReadAhead<String, List<ListedObject>> reads =
                new ReadAhead<>(prefixes, prefix -> list(prefix, "", new ArrayList<>()));
        for (int i = 0; i < HASHES; i++) {
            receiver.accept(reads.next());
        }
    }

    private String prefix(String hash) {
        return hash + cluster + "/";
    }

    private CompletableFuture<List<ListedObject>> list(
            String prefix, String after, List<ListedObject> found) {
        return bucket.list(prefix, after, PAGE)
                .thenCompose(page -> {
                    found.addAll(page.objects());
                    return page.truncated()
                            ? list(prefix, page.objects().getLast().name(), found)
                            : CompletableFuture.completedFuture(found);
                });
    }
}

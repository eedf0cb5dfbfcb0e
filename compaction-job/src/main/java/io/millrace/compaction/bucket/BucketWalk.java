package io.millrace.compaction.bucket;

import io.millrace.metadata.Metadata;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Lists the bucket from start to end and determines the status of each object. Groups of up to
 * 10,000 objects share a scan of the state. Owned by the metadata's event loop.
 */
public final class BucketWalk {

    /**
     * A receiver of groups of objects. Called on the event loop; the next call follows after
     * completion. A failure aborts the walk.
     */
    @FunctionalInterface
    public interface Visitor {

        CompletableFuture<Void> visit(List<SurveyedObject> objects);
    }

    private static final int PAGE = 1000;
    private static final int GROUP_OBJECTS = 10_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final BucketSurvey survey;
    private final ClusterRegions regions;

    public BucketWalk(Metadata metadata, ObjectStore bucket, String cluster) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.survey = new BucketSurvey(cluster);
        this.regions = new ClusterRegions(cluster);
    }

    /** Visits all objects of the bucket; completes on the event loop. */
    public CompletableFuture<Void> wholeBucket(Visitor visitor) {
        return new Walk(Optional::of, visitor).start();
    }

    /** Visits the objects of the cluster, and foreign objects between them. */
    public CompletableFuture<Void> ofCluster(Visitor visitor) {
        return new Walk(regions::after, visitor).start();
    }

    private final class Walk {

        private final Function<String, Optional<String>> after;
        private final Visitor visitor;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private Optional<String> next;

        /**
         * @param after returns the start of the next page for the last listed name
         */
        Walk(Function<String, Optional<String>> after, Visitor visitor) {
            this.after = after;
            this.visitor = visitor;
            this.next = after.apply("");
        }

        CompletableFuture<Void> start() {
            metadata.loop().runNowOrLater(this::proceed);
            return done;
        }

        private void proceed() {
            gather(new ArrayList<>())
                    .thenCompose(this::surveyed)
                    .thenComposeAsync(visitor::visit, metadata.loop())
                    .whenCompleteAsync(
                            (visited, failure) -> {
                                if (failure != null) {
                                    done.completeExceptionally(failure);
                                } else if (next.isPresent()) {
                                    proceed();
                                } else {
                                    done.complete(null);
                                }
                            },
                            metadata.loop());
        }

        private CompletableFuture<List<ListedObject>> gather(List<ListedObject> gathered) {
            if (next.isEmpty() || gathered.size() > GROUP_OBJECTS - PAGE) {
                return CompletableFuture.completedFuture(gathered);
            }
            return bucket.list("", next.get(), PAGE)
                    .thenComposeAsync(
                            page -> {
                                gathered.addAll(page.objects());
                                next = next(page);
                                return gather(gathered);
                            },
                            metadata.loop());
        }

        private Optional<String> next(Listing page) {
            return page.truncated()
                    ? after.apply(page.objects().getLast().name())
                    : Optional.empty();
        }

        private CompletableFuture<List<SurveyedObject>> surveyed(List<ListedObject> listed) {
            // The barrier is last, because it fails if another cluster has replaced the log.
            return metadata.manifest()
                    .thenCompose(past ->
                            metadata.barrier()
                                    .thenApplyAsync(
                                            reached -> survey.of(listed, metadata.objects(), past),
                                            metadata.loop()));
        }
    }
}

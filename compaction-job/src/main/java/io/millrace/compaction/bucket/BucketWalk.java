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
 * Lists the bucket from start to end and determines the status of each object. Objects are
 * evaluated in groups of up to 10,000, so that each scan of the state serves many and the event
 * loop is never occupied for long. Owned by the metadata's event loop.
 */
public final class BucketWalk {

    /**
     * Receiver of each group of objects; the next group is listed after the visit completes. Called
     * on the event loop.
     */
    @FunctionalInterface
    public interface Visitor {

        /**
         * @return a failure aborts the walk with the same failure
         */
        CompletableFuture<Void> visit(List<SurveyedObject> objects);
    }

    private static final int PAGE = 1000;
    private static final int GROUP_OBJECTS = 10_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final BucketSurvey survey;
    private final ClusterRegions regions;

    /**
     * @param cluster the cluster's name in object keys
     */
    public BucketWalk(Metadata metadata, ObjectStore bucket, String cluster) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.survey = new BucketSurvey(cluster);
        this.regions = new ClusterRegions(cluster);
    }

    /**
     * Visits all objects of the bucket.
     *
     * @return completes on the event loop; fails with the failure of the bucket, the log or the
     *     visitor
     */
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
         * @param after name after which to continue listing, given the last listed name
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

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
 * Goes through the bucket from start to end and says of every object what it is to the cluster.
 * Some thousands of objects are held at a time, and the state is asked about all of them at once,
 * so that the loop is never held for long. Owned by the metadata's loop.
 */
public final class BucketWalk {

    /** What is done with some objects before the next ones are looked at. Called on the loop. */
    @FunctionalInterface
    public interface Visitor {

        /**
         * @return fails if the walk is to end with that failure
         */
        CompletableFuture<Void> visit(List<SurveyedObject> objects);
    }

    private static final int PAGE = 1000;
    private static final int AT_A_TIME = 10_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final BucketSurvey survey;
    private final ClusterRegions regions;

    /**
     * @param cluster the name that the keys of its objects contain
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
     * @return completes on the loop; fails with what the bucket, the log or the visitor failed with
     */
    public CompletableFuture<Void> everything(Visitor visitor) {
        return new Walk(Optional::of, visitor).start();
    }

    /** Visits the objects of the cluster, and others as far as they lie among them. */
    public CompletableFuture<Void> ofCluster(Visitor visitor) {
        return new Walk(regions::after, visitor).start();
    }

    private final class Walk {

        private final Function<String, Optional<String>> after;
        private final Visitor visitor;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private Optional<String> next;

        /**
         * @param after behind which name to list when this one was seen last
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
            if (next.isEmpty() || gathered.size() > AT_A_TIME - PAGE) {
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
            // The barrier comes last: it does not end in a log that is another one's by now.
            return metadata.manifest()
                    .thenCompose(past ->
                            metadata.barrier()
                                    .thenApplyAsync(
                                            reached -> survey.of(listed, metadata.objects(), past),
                                            metadata.loop()));
        }
    }
}

package io.millrace.metadata.identity;

import io.millrace.metadata.identity.BucketIdentity.Found;
import io.millrace.metadata.identity.BucketIdentity.Stored;
import io.millrace.metadata.identity.LogIdentity.Held;
import io.millrace.metadata.log.LogException;
import io.millrace.storage.object.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Verifies before the start of a node that the metadata log and the bucket are of one cluster.
 * Otherwise the node would take all objects for orphans and delete them. Creates the identity of a
 * new cluster.
 *
 * <p>Rules: an empty log requires a bucket without objects of the cluster; a log with entries
 * requires its own identity in the bucket; an identity of another cluster is always refused. Every
 * cluster has an identity object of its own, so of two clusters that begin in one bucket at the
 * same time at least one sees the other.
 */
public final class IdentityCheck {

    /** The value that adopts a bucket with objects but without an identity. */
    public static final String UNIDENTIFIED = "unidentified";

    /**
     * The names of the compared places, for messages.
     *
     * @param log the flag and value that select the log
     */
    public record Place(String cluster, String log, String bucket) {}

    /**
     * The contents of the bucket.
     *
     * @param objects empty also if not searched, as a log with entries does not need the search
     */
    private record Contents(List<Stored> identities, Optional<Found> objects) {

        boolean has(ClusterId id) {
            return identities.stream().anyMatch(identity -> identity.id().equals(id));
        }

        Optional<Stored> foreign(Optional<ClusterId> own) {
            return identities.stream()
                    .filter(identity -> !Optional.of(identity.id()).equals(own))
                    .findFirst();
        }
    }

    private final LogIdentity log;
    private final BucketIdentity bucket;
    private final IdentityMessages messages;
    private final Optional<String> adopted;
    private final RandomGenerator random;

    /**
     * @param adopted the identity of the bucket to adopt, or {@link #UNIDENTIFIED}; empty to adopt
     *     none
     */
    public IdentityCheck(
            LogIdentity log,
            ObjectStore bucket,
            Place place,
            Optional<String> adopted,
            RandomGenerator random) {
        this.log = log;
        this.bucket = new BucketIdentity(bucket, place.cluster());
        this.messages = new IdentityMessages(place);
        this.adopted = adopted;
        this.random = random;
    }

    /**
     * Runs the check and returns the identity of the cluster. Fails with {@link
     * LogException.ForeignBucket}, or with a failure of the log or of the bucket.
     */
    public CompletableFuture<ClusterId> run() {
        // The log first: the bucket has the identity before the log has an entry.
        return log.read()
                .thenCompose(
                        held -> contents(held).thenCompose(contents -> compare(held, contents)));
    }

    private CompletableFuture<Contents> contents(Held held) {
        return bucket.identities()
                .thenCompose(identities ->
                        held.logIsEmpty()
                                ? bucket.objects()
                                        .thenApply(found -> new Contents(identities, found))
                                : CompletableFuture.completedFuture(
                                        new Contents(identities, Optional.empty())));
    }

    private CompletableFuture<ClusterId> compare(Held held, Contents contents) {
        boolean own = held.id().filter(contents::has).isPresent();
        Optional<Stored> foreign = contents.foreign(held.id());
        boolean fits =
                foreign.isEmpty() && (held.logIsEmpty() ? contents.objects().isEmpty() : own);
        if (fits && own) {
            return CompletableFuture.completedFuture(held.id().orElseThrow());
        }
        if (fits) {
            return establish(held, Optional.empty());
        }
        String token =
                foreign.map(Stored::id)
                        .or(() -> held.id().filter(contents::has))
                        .map(ClusterId::value)
                        .orElse(UNIDENTIFIED);
        if (adopted.filter(token::equals).isPresent()) {
            return establish(held, foreign.map(Stored::id));
        }
        LogException.ForeignBucket refusal =
                messages.refusal(held, foreign, contents.objects(), token);
        return held.logIsEmpty()
                ? refuseUnlessBegun(held, refusal)
                : CompletableFuture.failedFuture(refusal);
    }

    /**
     * Another node of a new cluster may have stored its identity, or entries and objects, since the
     * log was read.
     */
    private CompletableFuture<ClusterId> refuseUnlessBegun(
            Held held, LogException.ForeignBucket refusal) {
        return log.read()
                .thenCompose(
                        now -> now.equals(held) ? CompletableFuture.failedFuture(refusal) : run());
    }

    /**
     * Stores the identity beside the log, then in the bucket.
     *
     * @param replaced the identity that the bucket loses
     */
    private CompletableFuture<ClusterId> establish(Held held, Optional<ClusterId> replaced) {
        return log.putIfAbsent(held.id().orElseGet(() -> ClusterId.random(random)))
                .thenCompose(done -> log.read())
                .thenCompose(now -> {
                    ClusterId id = now.id().orElseThrow();
                    return bucket.put(id)
                            .thenCompose(put ->
                                    replaced.map(bucket::delete)
                                            .orElseGet(
                                                    () -> CompletableFuture.completedFuture(null)))
                            .thenCompose(deleted -> bucket.identities())
                            .thenApply(identities -> alone(now, id, identities));
                });
    }

    private ClusterId alone(Held held, ClusterId id, List<Stored> identities) {
        Optional<Stored> foreign =
                new Contents(identities, Optional.empty()).foreign(Optional.of(id));
        if (foreign.isPresent()) {
            throw messages.refusal(held, foreign, Optional.empty(), foreign.get().id().value());
        }
        return id;
    }
}

package io.millrace.metadata.identity;

import io.millrace.metadata.identity.BucketIdentity.Found;
import io.millrace.metadata.identity.BucketIdentity.Stored;
import io.millrace.metadata.identity.LogIdentity.Held;
import io.millrace.metadata.log.LogException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The reasons why a log and a bucket are not used together, for the operator. */
record IdentityMessages(IdentityCheck.Place place) {

    LogException.ForeignBucket refusal(
            Held held, Optional<Stored> foreign, Optional<Found> objects, String token) {
        return new LogException.ForeignBucket(
                held.logIsEmpty()
                        ? emptyLog(foreign, objects, token)
                        : foreign.map(identity -> foreign(held, identity))
                                .orElseGet(() -> unidentified(held, token)));
    }

    private String emptyLog(Optional<Stored> foreign, Optional<Found> objects, String token) {
        return ("The metadata log (%s) is empty, but the bucket %s has %s of a cluster named %s."
                        + " This process does not start, because a new cluster would delete them."
                        + " If etcd or the data folder was lost, restore it from a backup. If the"
                        + " log, the bucket or the cluster name is wrong, correct --etcd or --data,"
                        + " --bucket or --cluster. To give up these objects and begin a new cluster"
                        + " in their place, start once with --adopt-bucket %s; the objects are"
                        + " deleted within hours.")
                .formatted(
                        place.log(),
                        place.bucket(),
                        objects.map(IdentityMessages::describe)
                                .orElseGet(() ->
                                        foreign.map(IdentityMessages::describe).orElse("objects")),
                        place.cluster(),
                        token);
    }

    private String foreign(Held held, Stored foreign) {
        return ("The bucket %s has %s, but the metadata log (%s) has %s: another cluster named %s"
                        + " uses the bucket. This process does not start, because the clusters"
                        + " would delete each other's objects. Correct --bucket, --etcd or --data,"
                        + " or give each cluster a name of its own with --cluster. If no other"
                        + " cluster uses the bucket and it has the objects of this log, start once"
                        + " with --adopt-bucket %s; objects that this log does not reference are"
                        + " deleted within hours.")
                .formatted(
                        place.bucket(),
                        describe(foreign),
                        place.log(),
                        held.id().map(id -> "the identity " + id).orElse("no identity"),
                        place.cluster(),
                        foreign.id());
    }

    private String unidentified(Held held, String token) {
        return ("The metadata log (%s) of cluster %s has entries, but %s. This process does not"
                        + " start, because it may be the wrong bucket, and it would delete all"
                        + " objects of the cluster that the log does not reference. Correct"
                        + " --bucket, --etcd or --data, or --cluster. If the bucket has the objects"
                        + " of this log, start once with --adopt-bucket %s.")
                .formatted(
                        place.log(),
                        place.cluster(),
                        held.id().isPresent()
                                ? "the bucket %s does not have its identity %s"
                                        .formatted(place.bucket(), held.id().get())
                                : "neither the log nor the bucket %s has an identity"
                                        .formatted(place.bucket()),
                        token);
    }

    private static String describe(Stored foreign) {
        return "the identity %s, stored at %s,"
                .formatted(foreign.id(), foreign.at().truncatedTo(ChronoUnit.SECONDS));
    }

    private static String describe(Found found) {
        return "%s%d objects, stored from %s to %s,"
                .formatted(
                        found.more() ? "at least " : "",
                        found.objects(),
                        found.oldest().truncatedTo(ChronoUnit.SECONDS),
                        found.newest().truncatedTo(ChronoUnit.SECONDS));
    }
}

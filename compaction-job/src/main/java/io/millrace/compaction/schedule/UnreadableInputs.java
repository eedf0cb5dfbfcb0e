package io.millrace.compaction.schedule;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.ReadFailureScope;
import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.log.LogFields;
import io.millrace.storage.stream.ObjectId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs inputs that cannot be read although the bucket serves other objects, and excludes them for a
 * cooldown. Owned by the metadata's event loop.
 */
final class UnreadableInputs {

    private static final Logger LOG = Logger.getLogger(UnreadableInputs.class);

    private final Metadata metadata;
    private final BucketProbe probe;
    private final String cluster;
    private final InputReservations reservations;
    private final MergeMetrics metrics;

    /** Referenced inputs with one failed read while the bucket served other objects. */
    private final Set<ObjectId> failedOnce = new HashSet<>();

    UnreadableInputs(
            Metadata metadata,
            BucketProbe others,
            String cluster,
            InputReservations free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.probe = others;
        this.cluster = cluster;
        this.reservations = free;
        this.metrics = metrics;
    }

    void recordRead(Set<ObjectId> inputs) {
        failedOnce.removeAll(inputs);
    }

    /**
     * Handles the failure of an attempt; fails with the same failure if not limited to one input.
     * Completes on the event loop.
     */
    CompletableFuture<Void> handleFailure(Throwable failure, Set<ObjectId> inputs) {
        return switch (failure) {
            case DamagedInput damage -> exclude(damage.object(), damage.getMessage(), "Restore it");
            case UnreadInput unread -> handleUnread(unread, inputs);
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    private CompletableFuture<Void> handleUnread(UnreadInput unread, Set<ObjectId> inputs) {
        ObjectId object = unread.object();
        boolean failedBefore = failedOnce.contains(object);
        failedOnce.removeAll(inputs);
        if (!ReadFailureScope.canBeLimitedToObject(unread.failure())) {
            return CompletableFuture.failedFuture(unread.failure());
        }
        return probe.isAvailable(object.key(cluster))
                .thenComposeAsync(
                        answer ->
                                switch (ReadFailureScope.of(
                                        unread.failure(), failedBefore, answer)) {
                                    case OBJECT ->
                                            exclude(object, message(unread), "Permit reading it");
                                    case RETRY -> retry(object);
                                    case BUCKET -> CompletableFuture.failedFuture(unread.failure());
                                },
                        metadata.loop());
    }

    private CompletableFuture<Void> retry(ObjectId object) {
        metrics.failed();
        failedOnce.add(object);
        failedOnce.retainAll(metadata.objects().referencedAmong(Set.copyOf(failedOnce)));
        return CompletableFuture.completedFuture(null);
    }

    private static String message(UnreadInput unread) {
        return "Object %s cannot be read, but other objects can: %s."
                .formatted(unread.object(), unread.failure().getMessage());
    }

    /** Excludes an object, unless dereferenced meanwhile. */
    private CompletableFuture<Void> exclude(
            ObjectId object, @Nullable String sentence, String advice) {
        return metadata.barrier()
                .thenAcceptAsync(
                        reached -> {
                            if (metadata.objects().referencedAmong(Set.of(object)).isEmpty()) {
                                return;
                            }
                            reservations.markDamaged(object);
                            metrics.damaged();
                            LogFields.object(object)
                                    .log(() ->
                                            LOG.errorf(
                                                    "%s The object is excluded from merges for ten minutes, and for longer"
                                                            + " each time that its read fails. %s.",
                                                    sentence, advice));
                        },
                        metadata.loop());
    }
}

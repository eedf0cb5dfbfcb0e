package io.millrace.compaction.schedule;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.ReadFailureScope;
import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.compaction.rewrite.InputReservations;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.storage.stream.ObjectId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Handles inputs that cannot be read although the bucket serves other objects: logs and excludes
 * the input for a cooldown, so that other jobs continue. Owned by the metadata's event loop.
 */
final class UnreadableInputs {

    private static final Logger LOG = Logger.getLogger(UnreadableInputs.class);

    private final Metadata metadata;
    private final BucketProbe others;
    private final String cluster;
    private final InputReservations free;
    private final MergeMetrics metrics;

    /** Referenced inputs with one failed read while the bucket served other objects. */
    private final Set<ObjectId> unreadOnce = new HashSet<>();

    /**
     * @param others probe that detects an unavailable bucket
     * @param cluster the cluster's name in object keys
     */
    UnreadableInputs(
            Metadata metadata,
            BucketProbe others,
            String cluster,
            InputReservations free,
            MergeMetrics metrics) {
        this.metadata = metadata;
        this.others = others;
        this.cluster = cluster;
        this.free = free;
        this.metrics = metrics;
    }

    void wereRead(Set<ObjectId> inputs) {
        unreadOnce.removeAll(inputs);
    }

    /**
     * Handles the failure of an attempt.
     *
     * @return completes on the event loop after the unreadable input was handled; fails with the
     *     given failure if not limited to one input
     */
    CompletableFuture<Void> recovered(Throwable failure, Set<ObjectId> inputs) {
        return switch (failure) {
            case DamagedInput damage ->
                    leaveOut(damage.object(), damage.getMessage(), "Restore it");
            case UnreadInput unread -> validated(unread, inputs);
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    private CompletableFuture<Void> validated(UnreadInput unread, Set<ObjectId> inputs) {
        ObjectId object = unread.object();
        boolean failedBefore = unreadOnce.contains(object);
        unreadOnce.removeAll(inputs);
        if (!ReadFailureScope.mayBeItsOwn(unread.why())) {
            return CompletableFuture.failedFuture(unread.why());
        }
        return others.answer(object.key(cluster))
                .thenComposeAsync(
                        answer ->
                                switch (ReadFailureScope.of(unread.why(), failedBefore, answer)) {
                                    case ITS_OWN ->
                                            leaveOut(object, sentence(unread), "Permit reading it");
                                    case AGAIN -> tryAgain(object);
                                    case NOT_ITS_OWN ->
                                            CompletableFuture.failedFuture(unread.why());
                                },
                        metadata.loop());
    }

    private CompletableFuture<Void> tryAgain(ObjectId object) {
        metrics.failed();
        unreadOnce.add(object);
        unreadOnce.retainAll(metadata.objects().named(Set.copyOf(unreadOnce)));
        return CompletableFuture.completedFuture(null);
    }

    private static String sentence(UnreadInput unread) {
        return "Object %s cannot be read, but other objects can: %s."
                .formatted(unread.object(), unread.why().getMessage());
    }

    /** Excludes an object, unless dereferenced meanwhile. */
    private CompletableFuture<Void> leaveOut(
            ObjectId object, @Nullable String sentence, String advice) {
        return metadata.barrier()
                .thenAcceptAsync(
                        reached -> {
                            if (metadata.objects().named(Set.of(object)).isEmpty()) {
                                return;
                            }
                            free.suspect(object);
                            metrics.damaged();
                            LOG.errorf(
                                    "%s The object is excluded from merges for ten minutes. %s.",
                                    sentence, advice);
                        },
                        metadata.loop());
    }
}

package io.millrace.fetch.subscribe;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Resolves names and start positions of assigned partitions. If a group starts at the end of a
 * partition, that offset is committed before the client is notified. Otherwise the next owner would
 * skip records. Owned by the subscriber's event loop.
 */
final class AssignmentResolver {

    private final Metadata metadata;
    private final StartPositionLookup lookup;
    private final StartPosition start;
    private final boolean commitsEnds;
    private final Function<SubscribedPartition, StartPositionLookup.LookupListener> lateListenerOf;
    private final Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit;

    /**
     * Creates a resolver.
     *
     * @param lateListeners the source of listeners for start positions not found in time
     */
    AssignmentResolver(
            Metadata metadata,
            StartPositionLookup startPositions,
            SubscriptionRequest request,
            Function<SubscribedPartition, StartPositionLookup.LookupListener> lateListeners,
            Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit) {
        this.metadata = metadata;
        this.lookup = startPositions;
        this.start = request.start();
        this.commitsEnds =
                request.isOfGroup()
                        && start
                                instanceof
                                StartPosition.LookedUp(OffsetLookup.LookupPosition.Latest());
        this.lateListenerOf = lateListeners;
        this.commit = commit;
    }

    static final class ResolvedAssignment {

        /** Partitions of existing topics. */
        final List<SubscribedPartition> partitions = new ArrayList<>();

        final Map<SubscribedPartition, Problem> failures = new LinkedHashMap<>();

        final List<PartitionId> deleted = new ArrayList<>();

        private final List<OffsetCommit> uncommittedEnds = new ArrayList<>();

        private final Consumer<ResolvedAssignment> whenResolved;

        /** Starts at 1 for the loop that starts the lookups. */
        private int pendingLookups = 1;

        private ResolvedAssignment(Consumer<ResolvedAssignment> whenResolved) {
            this.whenResolved = whenResolved;
        }
    }

    /**
     * Resolves partitions.
     *
     * @param whenResolved a callback, run on the event loop, possibly at once, when each partition
     *     has a start position, has failed or is delayed
     */
    void resolve(List<AssignedPartition> partitions, Consumer<ResolvedAssignment> whenResolved) {
        if (partitions.stream().allMatch(assigned -> topic(assigned).isPresent())) {
            resolveNamed(partitions, whenResolved);
        } else {
            resolveAfterBarrier(partitions, whenResolved, 0);
        }
    }

    private Optional<Topic> topic(AssignedPartition assigned) {
        return metadata.topics().withId(assigned.partition().topicId());
    }

    /** Waits for a barrier, because the local metadata may lack topics of the coordinator. */
    private void resolveAfterBarrier(
            List<AssignedPartition> partitions,
            Consumer<ResolvedAssignment> whenResolved,
            int failures) {
        var unused =
                metadata.barrier()
                        .whenComplete((reached, failure) -> {
                            if (failure == null) {
                                metadata.loop()
                                        .runNowOrLater(
                                                () -> resolveNamed(partitions, whenResolved));
                            } else {
                                retry(partitions, whenResolved, failures);
                            }
                        });
    }

    private void retry(
            List<AssignedPartition> partitions,
            Consumer<ResolvedAssignment> whenResolved,
            int failures) {
        metadata.loop()
                .schedule(
                        ReadRetryPolicy.pauseAfter(failures),
                        () -> {
                            if (!lookup.isStopped()) {
                                resolveAfterBarrier(partitions, whenResolved, failures + 1);
                            }
                        });
    }

    private void resolveNamed(
            List<AssignedPartition> partitions, Consumer<ResolvedAssignment> whenResolved) {
        ResolvedAssignment resolved = new ResolvedAssignment(whenResolved);
        for (AssignedPartition assigned : partitions) {
            topic(assigned)
                    .ifPresentOrElse(
                            topic -> resolve(assigned, topic.name(), resolved),
                            () -> resolved.deleted.add(assigned.partition()));
        }
        lookupEnded(resolved);
    }

    private void lookupEnded(ResolvedAssignment resolved) {
        resolved.pendingLookups--;
        if (resolved.pendingLookups > 0) {
            return;
        }
        if (resolved.uncommittedEnds.isEmpty()) {
            resolved.whenResolved.accept(resolved);
        } else {
            commitEnds(resolved, 0);
        }
    }

    private void commitEnds(ResolvedAssignment resolved, int failures) {
        if (lookup.isStopped()) {
            return;
        }
        var unused =
                commit.apply(resolved.uncommittedEnds)
                        .thenAccept(result -> {
                            if (result instanceof CommitResult.Failed(Problem problem)
                                    && problem.retriable()) {
                                metadata.loop()
                                        .schedule(
                                                ReadRetryPolicy.pauseAfter(failures),
                                                () -> commitEnds(resolved, failures + 1));
                            } else {
                                // A rejected commit means that the partition was reassigned; the
                                // group revokes the partition next.
                                resolved.whenResolved.accept(resolved);
                            }
                        });
    }

    private void resolve(AssignedPartition assigned, String topic, ResolvedAssignment resolved) {
        SubscribedPartition subscribed =
                new SubscribedPartition(
                        assigned.partition(),
                        new TopicPartition(topic, assigned.partition().partition()));
        resolved.partitions.add(subscribed);
        if (assigned.committed().isPresent()) {
            subscribed.position = assigned.committed().get().offset();
            subscribed.text = assigned.committed().get().text();
            return;
        }
        switch (start) {
            case StartPosition.NoPosition() -> {
                subscribed.failed = true;
                resolved.failures.put(subscribed, nothingCommitted(subscribed.name));
            }
            case StartPosition.LookedUp(var at) -> {
                resolved.pendingLookups++;
                lookup.find(subscribed, at, new StartPositionListener(subscribed, resolved));
            }
        }
    }

    private static Problem nothingCommitted(TopicPartition name) {
        return new Problem(
                Reason.NO_COMMITTED_OFFSET,
                "The group has committed no offset in %s-%d: seek, or subscribe with a start position."
                        .formatted(name.topic(), name.partition()));
    }

    /** Receives a start position. A delayed position goes to the late listener. */
    private final class StartPositionListener implements StartPositionLookup.LookupListener {

        private final SubscribedPartition subscribed;
        private final ResolvedAssignment resolved;
        private boolean late;

        private StartPositionListener(SubscribedPartition subscribed, ResolvedAssignment resolved) {
            this.subscribed = subscribed;
            this.resolved = resolved;
        }

        @Override
        public void found(long offset) {
            if (late) {
                lateListenerOf.apply(subscribed).found(offset);
            } else {
                subscribed.position = offset;
                if (commitsEnds) {
                    resolved.uncommittedEnds.add(
                            new OffsetCommit(
                                    subscribed.key.topicId(),
                                    subscribed.key.partition(),
                                    new CommittedOffset(offset, -1, "")));
                }
                lookupEnded(resolved);
            }
        }

        @Override
        public void failed(Problem problem) {
            if (late) {
                lateListenerOf.apply(subscribed).failed(problem);
            } else {
                subscribed.failed = true;
                resolved.failures.put(subscribed, problem);
                lookupEnded(resolved);
            }
        }

        @Override
        public void delayed() {
            if (!late && !commitsEnds) {
                late = true;
                lookupEnded(resolved);
            }
        }
    }
}

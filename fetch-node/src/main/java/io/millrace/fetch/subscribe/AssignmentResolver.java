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
    private final Function<SubscribedPartition, StartPositionLookup.LookupListener> lateAnswers;
    private final Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit;

    /**
     * Creates a resolver.
     *
     * @param later the source of listeners for start positions not found in time
     */
    AssignmentResolver(
            Metadata metadata,
            StartPositionLookup places,
            SubscriptionRequest opening,
            Function<SubscribedPartition, StartPositionLookup.LookupListener> later,
            Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit) {
        this.metadata = metadata;
        this.lookup = places;
        this.start = opening.start();
        this.commitsEnds =
                opening.isOfGroup()
                        && start
                                instanceof
                                StartPosition.LookedUp(OffsetLookup.LookupPosition.Latest());
        this.lateAnswers = later;
        this.commit = commit;
    }

    static final class ResolvedAssignment {

        /** Partitions of existing topics. */
        final List<SubscribedPartition> partitions = new ArrayList<>();

        final Map<SubscribedPartition, Problem> failures = new LinkedHashMap<>();

        final List<PartitionId> deleted = new ArrayList<>();

        private final List<OffsetCommit> uncommittedEnds = new ArrayList<>();

        private final Consumer<ResolvedAssignment> then;
        private int pendingLookups = 1;

        private ResolvedAssignment(Consumer<ResolvedAssignment> then) {
            this.then = then;
        }
    }

    /**
     * Resolves partitions.
     *
     * @param then a callback, run on the event loop, possibly at once, when each partition has a
     *     start position, has failed or is delayed
     */
    void resolve(List<AssignedPartition> partitions, Consumer<ResolvedAssignment> then) {
        if (partitions.stream().allMatch(one -> topic(one).isPresent())) {
            resolveNamed(partitions, then);
        } else {
            resolveAfterBarrier(partitions, then, 0);
        }
    }

    private Optional<Topic> topic(AssignedPartition one) {
        return metadata.topics().withId(one.partition().topicId());
    }

    /** Waits for a barrier, because the local metadata may lack topics of the coordinator. */
    private void resolveAfterBarrier(
            List<AssignedPartition> partitions, Consumer<ResolvedAssignment> then, int failures) {
        var unused =
                metadata.barrier()
                        .whenComplete((reached, failure) -> {
                            if (failure == null) {
                                metadata.loop().runNowOrLater(() -> resolveNamed(partitions, then));
                            } else {
                                retry(partitions, then, failures);
                            }
                        });
    }

    private void retry(
            List<AssignedPartition> partitions, Consumer<ResolvedAssignment> then, int failures) {
        metadata.loop()
                .schedule(
                        ReadRetryPolicy.pauseAfter(failures),
                        () -> {
                            if (!lookup.isStopped()) {
                                resolveAfterBarrier(partitions, then, failures + 1);
                            }
                        });
    }

    private void resolveNamed(
            List<AssignedPartition> partitions, Consumer<ResolvedAssignment> then) {
        ResolvedAssignment arrival = new ResolvedAssignment(then);
        for (AssignedPartition one : partitions) {
            topic(one)
                    .ifPresentOrElse(
                            topic -> resolve(one, topic.name(), arrival),
                            () -> arrival.deleted.add(one.partition()));
        }
        lookupEnded(arrival);
    }

    private void lookupEnded(ResolvedAssignment arrival) {
        arrival.pendingLookups--;
        if (arrival.pendingLookups > 0) {
            return;
        }
        if (arrival.uncommittedEnds.isEmpty()) {
            arrival.then.accept(arrival);
        } else {
            commitEnds(arrival, 0);
        }
    }

    private void commitEnds(ResolvedAssignment arrival, int failures) {
        if (lookup.isStopped()) {
            return;
        }
        var unused =
                commit.apply(arrival.uncommittedEnds)
                        .thenAccept(result -> {
                            if (result instanceof CommitResult.Failed(Problem problem)
                                    && problem.retriable()) {
                                metadata.loop()
                                        .schedule(
                                                ReadRetryPolicy.pauseAfter(failures),
                                                () -> commitEnds(arrival, failures + 1));
                            } else {
                                // A rejected offset means a lost partition, which the group will
                                // report.
                                arrival.then.accept(arrival);
                            }
                        });
    }

    private void resolve(AssignedPartition one, String topic, ResolvedAssignment arrival) {
        SubscribedPartition holding =
                new SubscribedPartition(
                        one.partition(), new NamedPartition(topic, one.partition().partition()));
        arrival.partitions.add(holding);
        if (one.committed().isPresent()) {
            holding.position = one.committed().get().offset();
            holding.text = one.committed().get().text();
            return;
        }
        switch (start) {
            case StartPosition.NoPosition() -> {
                holding.failed = true;
                arrival.failures.put(holding, nothingCommitted(holding.name));
            }
            case StartPosition.LookedUp(var at) -> {
                arrival.pendingLookups++;
                lookup.find(holding, at, new StartPositionListener(holding, arrival));
            }
        }
    }

    private static Problem nothingCommitted(NamedPartition name) {
        return new Problem(
                Reason.NO_COMMITTED_OFFSET,
                "The group has committed no offset in %s-%d: seek, or open with a start position."
                        .formatted(name.topic(), name.partition()));
    }

    /** Receives a start position. A delayed position goes to the late listener. */
    private final class StartPositionListener implements StartPositionLookup.LookupListener {

        private final SubscribedPartition holding;
        private final ResolvedAssignment arrival;
        private boolean late;

        private StartPositionListener(SubscribedPartition holding, ResolvedAssignment arrival) {
            this.holding = holding;
            this.arrival = arrival;
        }

        @Override
        public void found(long offset) {
            if (late) {
                lateAnswers.apply(holding).found(offset);
            } else {
                holding.position = offset;
                if (commitsEnds) {
                    arrival.uncommittedEnds.add(
                            new OffsetCommit(
                                    holding.key.topicId(),
                                    holding.key.partition(),
                                    new CommittedOffset(offset, -1, "")));
                }
                lookupEnded(arrival);
            }
        }

        @Override
        public void failed(Problem problem) {
            if (late) {
                lateAnswers.apply(holding).failed(problem);
            } else {
                holding.failed = true;
                arrival.failures.put(holding, problem);
                lookupEnded(arrival);
            }
        }

        @Override
        public void delayed() {
            if (!late && !commitsEnds) {
                late = true;
                lookupEnded(arrival);
            }
        }
    }
}

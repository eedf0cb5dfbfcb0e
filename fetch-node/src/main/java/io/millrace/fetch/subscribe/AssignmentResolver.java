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
 * Resolves the names and start positions of assigned partitions. If a group starts at the end of a
 * partition, that offset is committed before the client is notified of the assignment. Otherwise
 * the next owner would look up a later end and skip the records between. Owned by the subscriber's
 * event loop.
 */
final class AssignmentResolver {

    private final Metadata metadata;
    private final StartPositionLookup places;
    private final StartPosition start;
    private final boolean storesEnds;
    private final Function<SubscribedPartition, StartPositionLookup.Answer> later;
    private final Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit;

    /**
     * Creates a resolver.
     *
     * @param later supplies the handler of a start position that was not found in time
     * @param commit commits offsets to the group; unused without a group
     */
    AssignmentResolver(
            Metadata metadata,
            StartPositionLookup places,
            SubscriptionRequest opening,
            Function<SubscribedPartition, StartPositionLookup.Answer> later,
            Function<List<OffsetCommit>, CompletableFuture<CommitResult>> commit) {
        this.metadata = metadata;
        this.places = places;
        this.start = opening.start();
        this.storesEnds =
                opening.isOfGroup()
                        && start instanceof StartPosition.Found(OffsetLookup.At.Latest());
        this.later = later;
        this.commit = commit;
    }

    static final class Arrival {

        /** The partitions with a topic name. */
        final List<SubscribedPartition> holdings = new ArrayList<>();

        /** The reasons why partitions have no start position. */
        final Map<SubscribedPartition, Problem> failures = new LinkedHashMap<>();

        final List<PartitionId> nameless = new ArrayList<>();

        /** Start offsets at the end of partitions, not committed yet. */
        private final List<OffsetCommit> ends = new ArrayList<>();

        private final Consumer<Arrival> then;
        private int open = 1;

        private Arrival(Consumer<Arrival> then) {
            this.then = then;
        }
    }

    /**
     * Resolves partitions.
     *
     * @param then a callback run on the event loop, possibly at once, when each partition has a
     *     start position, has failed or is delayed
     */
    void place(List<AssignedPartition> partitions, Consumer<Arrival> then) {
        if (partitions.stream().allMatch(one -> topic(one).isPresent())) {
            placeNamed(partitions, then);
        } else {
            placeAfterBarrier(partitions, then, 0);
        }
    }

    private Optional<Topic> topic(AssignedPartition one) {
        return metadata.topics().withId(one.partition().topicId());
    }

    /**
     * Waits for a metadata barrier: the coordinator may know topics that this node's copy does not
     * have yet.
     */
    private void placeAfterBarrier(
            List<AssignedPartition> partitions, Consumer<Arrival> then, int failures) {
        var unused =
                metadata.barrier()
                        .whenComplete((reached, failure) -> {
                            if (failure == null) {
                                metadata.loop().runNowOrLater(() -> placeNamed(partitions, then));
                            } else {
                                retry(partitions, then, failures);
                            }
                        });
    }

    private void retry(List<AssignedPartition> partitions, Consumer<Arrival> then, int failures) {
        metadata.loop()
                .schedule(
                        ReadRetryPolicy.pauseAfter(failures),
                        () -> {
                            if (!places.isOver()) {
                                placeAfterBarrier(partitions, then, failures + 1);
                            }
                        });
    }

    private void placeNamed(List<AssignedPartition> partitions, Consumer<Arrival> then) {
        Arrival arrival = new Arrival(then);
        for (AssignedPartition one : partitions) {
            topic(one)
                    .ifPresentOrElse(
                            topic -> place(one, topic.name(), arrival),
                            () -> arrival.nameless.add(one.partition()));
        }
        settled(arrival);
    }

    private void settled(Arrival arrival) {
        arrival.open--;
        if (arrival.open > 0) {
            return;
        }
        if (arrival.ends.isEmpty()) {
            arrival.then.accept(arrival);
        } else {
            storeEnds(arrival, 0);
        }
    }

    private void storeEnds(Arrival arrival, int failures) {
        if (places.isOver()) {
            return;
        }
        var unused =
                commit.apply(arrival.ends)
                        .thenAccept(result -> {
                            if (result instanceof CommitResult.Failed(Problem problem)
                                    && problem.retriable()) {
                                metadata.loop()
                                        .schedule(
                                                ReadRetryPolicy.pauseAfter(failures),
                                                () -> storeEnds(arrival, failures + 1));
                            } else {
                                // A rejected offset means that the partition is lost; the group
                                // will report the loss.
                                arrival.then.accept(arrival);
                            }
                        });
    }

    private void place(AssignedPartition one, String topic, Arrival arrival) {
        SubscribedPartition holding =
                new SubscribedPartition(
                        one.partition(), new NamedPartition(topic, one.partition().partition()));
        arrival.holdings.add(holding);
        if (one.committed().isPresent()) {
            holding.position = one.committed().get().offset();
            holding.text = one.committed().get().text();
            return;
        }
        switch (start) {
            case StartPosition.Nowhere() -> {
                holding.failed = true;
                arrival.failures.put(holding, nothingCommitted(holding.name));
            }
            case StartPosition.Found(var at) -> {
                arrival.open++;
                places.find(holding, at, new FirstPlace(holding, arrival));
            }
        }
    }

    private static Problem nothingCommitted(NamedPartition name) {
        return new Problem(
                Reason.NO_COMMITTED_OFFSET,
                "The group has committed no offset in %s-%d: seek, or open with a start position."
                        .formatted(name.topic(), name.partition()));
    }

    /**
     * Receives the start position of a partition. A delayed position goes to the handler of later
     * results.
     */
    private final class FirstPlace implements StartPositionLookup.Answer {

        private final SubscribedPartition holding;
        private final Arrival arrival;
        private boolean late;

        private FirstPlace(SubscribedPartition holding, Arrival arrival) {
            this.holding = holding;
            this.arrival = arrival;
        }

        @Override
        public void found(long offset) {
            if (late) {
                later.apply(holding).found(offset);
            } else {
                holding.position = offset;
                if (storesEnds) {
                    arrival.ends.add(
                            new OffsetCommit(
                                    holding.key.topicId(),
                                    holding.key.partition(),
                                    new CommittedOffset(offset, -1, "")));
                }
                settled(arrival);
            }
        }

        @Override
        public void failed(Problem problem) {
            if (late) {
                later.apply(holding).failed(problem);
            } else {
                holding.failed = true;
                arrival.failures.put(holding, problem);
                settled(arrival);
            }
        }

        @Override
        public void delayed() {
            if (!late && !storesEnds) {
                late = true;
                settled(arrival);
            }
        }
    }
}

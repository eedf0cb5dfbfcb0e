package io.millrace.fetch.subscribe;

import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Moves positions on seeks and failed reads. Owned by the subscriber's event loop. */
final class SeekHandler {

    /** Consecutive failed reads, over about 30 s, after which the client is notified. */
    private static final int REPORTED_FAILURES = 13;

    private final Metadata metadata;
    private final SubscribedPartitions subscribedPartitions;
    private final StartPositionLookup lookup;
    private final StartPosition outOfRange;
    private final Consumer<SubscriberResponse> responses;
    private final Runnable positionChanged;
    private final SubscribeMetrics metrics;

    /** Number of seeks. Only existing partitions count, so that the map is bounded. */
    private final Map<TopicPartition, Integer> counts = new HashMap<>();

    /**
     * Creates a handler.
     *
     * @param goesOn a callback for a changed position
     */
    SeekHandler(
            Metadata metadata,
            SubscribedPartitions holdings,
            StartPositionLookup places,
            StartPosition outOfRange,
            Consumer<SubscriberResponse> responses,
            Runnable goesOn,
            SubscribeMetrics metrics) {
        this.metadata = metadata;
        this.subscribedPartitions = holdings;
        this.lookup = places;
        this.outOfRange = outOfRange;
        this.responses = responses;
        this.positionChanged = goesOn;
        this.metrics = metrics;
    }

    void seek(TopicPartition name, long offset) {
        count(name);
        subscribedPartitions
                .named(name)
                .ifPresent(holding -> {
                    holding.lookup = null;
                    answer(holding).found(offset);
                });
    }

    void seek(TopicPartition name, StartPosition.LookedUp to) {
        count(name);
        subscribedPartitions
                .named(name)
                .ifPresent(holding -> lookup.find(holding, to.at(), answer(holding)));
    }

    private void count(TopicPartition name) {
        metadata.topics()
                .named(name.topic())
                .filter(topic -> name.partition() < topic.partitionCount())
                .ifPresent(topic -> counts.merge(name, 1, Integer::sum));
    }

    private int count(SubscribedPartition holding) {
        return counts.getOrDefault(holding.name, 0);
    }

    void readFailed(SubscribedPartition holding, Problem problem) {
        switch (problem.reason()) {
            case OFFSET_OUT_OF_RANGE -> {
                metrics.outOfRange();
                switch (outOfRange) {
                    case StartPosition.NoPosition() -> failed(holding, problem);
                    case StartPosition.LookedUp(var at) ->
                            lookup.find(holding, at, answer(holding));
                }
            }
            // The group or a topic change will report the loss.
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION -> holding.failed = true;
            default -> {
                if (problem.retriable() && holding.failures < REPORTED_FAILURES) {
                    pause(holding);
                } else {
                    failed(holding, problem);
                }
            }
        }
    }

    private void pause(SubscribedPartition holding) {
        holding.retryPending = true;
        metadata.loop()
                .schedule(
                        ReadRetryPolicy.pauseAfter(holding.failures++),
                        () -> {
                            holding.retryPending = false;
                            positionChanged.run();
                        });
    }

    /** Stops reading a partition until the client seeks; after a retriable problem it does. */
    void failed(SubscribedPartition holding, Problem problem) {
        holding.failed = true;
        holding.failures = 0;
        responses.accept(
                new SubscriberResponse.PartitionFailed(holding.name, problem, count(holding)));
    }

    /** Returns a listener that moves the partition and notifies the client. */
    StartPositionLookup.LookupListener answer(SubscribedPartition holding) {
        return new StartPositionLookup.LookupListener() {
            @Override
            public void found(long offset) {
                holding.position = offset;
                holding.failed = false;
                responses.accept(
                        new SubscriberResponse.PositionMoved(holding.name, offset, count(holding)));
                positionChanged.run();
            }

            @Override
            public void failed(Problem problem) {
                SeekHandler.this.failed(holding, problem);
            }
        };
    }
}

package io.millrace.fetch.subscribe;

import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where a subscription goes on in its partitions: because its client seeks, or because it cannot be
 * read on where it was. Owned by the subscriber's loop.
 */
final class SeekHandler {

    private final Metadata metadata;
    private final SubscribedPartitions holdings;
    private final StartPositionLookup places;
    private final StartPosition outOfRange;
    private final Consumer<SubscriberResponse> outlet;
    private final Runnable goesOn;
    private final SubscribeMetrics metrics;

    /** How often the client sought; of partitions that exist only, so that it is bounded. */
    private final Map<NamedPartition, Integer> counts = new HashMap<>();

    /**
     * @param goesOn is run when there is another place to read from
     */
    SeekHandler(
            Metadata metadata,
            SubscribedPartitions holdings,
            StartPositionLookup places,
            StartPosition outOfRange,
            Consumer<SubscriberResponse> outlet,
            Runnable goesOn,
            SubscribeMetrics metrics) {
        this.metadata = metadata;
        this.holdings = holdings;
        this.places = places;
        this.outOfRange = outOfRange;
        this.outlet = outlet;
        this.goesOn = goesOn;
        this.metrics = metrics;
    }

    /** The client wants to go on at an offset. */
    void seek(NamedPartition name, long offset) {
        count(name);
        holdings.named(name)
                .ifPresent(holding -> {
                    holding.search = null;
                    answer(holding).found(offset);
                });
    }

    /** The client wants to go on at a place. */
    void seek(NamedPartition name, StartPosition.Found to) {
        count(name);
        holdings.named(name).ifPresent(holding -> places.find(holding, to.at(), answer(holding)));
    }

    private void count(NamedPartition name) {
        metadata.topics()
                .named(name.topic())
                .filter(topic -> name.partition() < topic.partitionCount())
                .ifPresent(topic -> counts.merge(name, 1, Integer::sum));
    }

    private int count(SubscribedPartition holding) {
        return counts.getOrDefault(holding.name, 0);
    }

    /** A partition could not be read where it was. */
    void trouble(SubscribedPartition holding, Problem problem) {
        switch (problem.reason()) {
            case OFFSET_OUT_OF_RANGE -> {
                metrics.outOfRange();
                switch (outOfRange) {
                    case StartPosition.Nowhere() -> failed(holding, problem);
                    case StartPosition.Found(var at) -> places.find(holding, at, answer(holding));
                }
            }
            // Its group, or the topics, will say that it is lost.
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION -> holding.failed = true;
            default -> {
                if (problem.retriable()) {
                    rest(holding);
                } else {
                    failed(holding, problem);
                }
            }
        }
    }

    private void rest(SubscribedPartition holding) {
        holding.resting = true;
        metadata.loop()
                .schedule(
                        ReadRetryPolicy.pauseAfter(holding.failures++),
                        () -> {
                            holding.resting = false;
                            goesOn.run();
                        });
    }

    /** A partition cannot be read on until the client seeks. */
    void failed(SubscribedPartition holding, Problem problem) {
        holding.failed = true;
        outlet.accept(
                new SubscriberResponse.PartitionFailed(holding.name, problem, count(holding)));
    }

    /** Goes on in a partition that the client has, wherever that is found to be. */
    StartPositionLookup.Answer answer(SubscribedPartition holding) {
        return new StartPositionLookup.Answer() {
            @Override
            public void found(long offset) {
                holding.position = offset;
                holding.failed = false;
                outlet.accept(new SubscriberResponse.Sought(holding.name, offset, count(holding)));
                goesOn.run();
            }

            @Override
            public void failed(Problem problem) {
                SeekHandler.this.failed(holding, problem);
            }
        };
    }
}

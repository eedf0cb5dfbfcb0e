package io.millrace.simulation.world;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchQuery.PartitionQuery;
import io.millrace.fetch.FetchResult;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Fetches of one partition from one node, without long polls, that wait until the node serves. */
public final class PartitionFetch {

    public static final Duration PAUSE = Duration.ofMillis(200);

    private static final int MAX_BYTES = 3000;

    private final SimulatedCluster cluster;
    private final SimulatedNode node;
    private final String topic;
    private final int partition;

    public PartitionFetch(
            SimulatedCluster cluster, SimulatedNode node, String topic, int partition) {
        this.cluster = cluster;
        this.node = node;
        this.topic = topic;
        this.partition = partition;
    }

    /** Fetches from an offset; the consumer receives the result or the failure. */
    public void from(long offset, BiConsumer<@Nullable FetchResult, @Nullable Throwable> answered) {
        NodeProcess process = node.serving();
        FetchNode fetch = process == null ? null : process.fetch();
        if (process == null || fetch == null) {
            cluster.world.schedule(PAUSE, () -> from(offset, answered));
            return;
        }
        FetchQuery query =
                new FetchQuery(
                        List.of(new PartitionQuery(topic, partition, offset, MAX_BYTES)),
                        Duration.ZERO,
                        0,
                        0);
        process.loop.execute(() -> fetch.fetch(query).whenComplete(answered::accept));
    }
}

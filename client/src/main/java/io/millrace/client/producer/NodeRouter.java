package io.millrace.client.producer;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Routes each partition's batches to the node that accepts them. A partition changes the node only
 * while no batch is in flight. So only one node at a time has batches of a partition, and
 * unanswered batches are sent first to the next node. Owner: the I/O thread.
 */
final class NodeRouter {

    private final NodeCalls nodes;
    private final Function<Connection, NodeStream> streamFactory;
    private final Map<Connection, NodeStream> streams = new LinkedHashMap<>();
    private final Set<PartitionQueue> waiting = new LinkedHashSet<>();
    private int round = 1;

    NodeRouter(NodeCalls nodes, Function<Connection, NodeStream> make) {
        this.nodes = nodes;
        this.streamFactory = make;
    }

    /** Queues a sendable partition at its node. Without a node the partition waits. */
    void offer(PartitionQueue partition) {
        NodeStream outlet = streamOf(partition);
        if (outlet != null) {
            outlet.readyPartitions().offer(partition);
        }
    }

    /** Offers the partitions with a formerly unfinished first batch again. */
    void offerUnfinished() {
        for (NodeStream outlet : streams.values()) {
            outlet.readyPartitions().takeUnfinished().forEach(this::offer);
        }
    }

    void send() {
        // A copy, because sending may fail and change the streams.
        for (NodeStream outlet : List.copyOf(streams.values())) {
            outlet.send();
        }
    }

    /** Routes all queued partitions again, because their nodes may have changed. */
    void rerouted() {
        round++;
        List<PartitionQueue> again = new ArrayList<>(waiting);
        waiting.clear();
        streams.values().forEach(outlet -> again.addAll(outlet.readyPartitions().takeAll()));
        again.forEach(this::offer);
    }

    /** Returns why partitions wait for a node; null if none waits. */
    @Nullable String stallReason() {
        return waiting.isEmpty() ? null : nodes.unavailableReason(Role.INGEST);
    }

    /** Aborts the streams with batches that have waited {@code limit} or longer for a response. */
    void abortSilent(Duration limit) {
        for (NodeStream outlet : List.copyOf(streams.values())) {
            if (outlet.isSilentFor(limit)) {
                outlet.abort();
            }
        }
    }

    /**
     * Checks that the nodes still respond and aborts the streams of the nodes that do not.
     *
     * @param suspicious the time without response after which a node is probed
     * @param unbearable the time without response after which a live node is abandoned, if there is
     *     an alternative
     * @param patience the time that a node has to end a stream that is no longer needed
     */
    void check(Duration suspicious, Duration unbearable, Duration patience) {
        for (NodeStream outlet : List.copyOf(streams.values())) {
            if (outlet.isSilentFor(suspicious)) {
                var unused =
                        nodes.probe(outlet.connection())
                                .thenAccept(isThere -> {
                                    if (isThere
                                            ? outlet.isSilentFor(unbearable)
                                                    && nodes.reportUnserved(
                                                            outlet.connection(), Role.INGEST, true)
                                            : outlet.isSilentFor(suspicious)) {
                                        outlet.abort();
                                    }
                                });
            } else if (outlet.isIdle() && nodes.isLost(outlet.connection())) {
                streams.remove(outlet.connection());
                outlet.close(patience);
            }
        }
    }

    void close(Duration patience) {
        streams.values().forEach(outlet -> outlet.close(patience));
    }

    void clear() {
        streams.values().forEach(outlet -> outlet.readyPartitions().takeAll());
        waiting.clear();
    }

    private @Nullable NodeStream streamOf(PartitionQueue partition) {
        NodeStream current = partition.nodeStream;
        if (current != null && partition.routedInRound == round) {
            return current;
        }
        Connection way = nodes.route(Role.INGEST, partition.id);
        if (way == null) {
            if (partition.sequenced.next() != SequencedPartition.NextAction.WAIT) {
                waiting.add(partition);
            }
            return null;
        }
        NodeStream next = streams.computeIfAbsent(way, streamFactory);
        if (current != null && current != next && !partition.sequenced.nothingInFlight()) {
            // The partition is offered again after each response.
            return null;
        }
        partition.nodeStream = next;
        partition.routedInRound = round;
        return next;
    }
}

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
 * Routes each partition's batches to a node. A partition changes its node only while no batch is in
 * flight, so that unanswered batches are sent first to the next node. Owner: the I/O thread.
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

    /** Queues a sendable partition at its node, or until a node is available. */
    void offer(PartitionQueue partition) {
        NodeStream stream = streamOf(partition);
        if (stream != null) {
            stream.readyPartitions().offer(partition);
        }
    }

    void offerUnfinished() {
        for (NodeStream stream : streams.values()) {
            stream.readyPartitions().takeUnfinished().forEach(this::offer);
        }
    }

    void send() {
        // A copy, because sending may fail and change the streams.
        for (NodeStream stream : List.copyOf(streams.values())) {
            stream.send();
        }
    }

    void rerouted() {
        round++;
        List<PartitionQueue> again = new ArrayList<>(waiting);
        waiting.clear();
        streams.values().forEach(stream -> again.addAll(stream.readyPartitions().takeAll()));
        again.forEach(this::offer);
    }

    @Nullable String stallReason() {
        return waiting.isEmpty() ? null : nodes.unavailableReason(Role.INGEST);
    }

    void abortSilent(Duration limit) {
        for (NodeStream stream : List.copyOf(streams.values())) {
            if (stream.isSilentFor(limit)) {
                stream.abort();
            }
        }
    }

    /**
     * Probes silent nodes, aborts the streams of dead nodes, and closes idle streams of lost nodes.
     *
     * @param unbearable the silence after which a live node is abandoned, if there is an
     *     alternative
     */
    void check(Duration suspicious, Duration unbearable, Duration patience) {
        for (NodeStream stream : List.copyOf(streams.values())) {
            if (stream.isSilentFor(suspicious)) {
                var unused =
                        nodes.probe(stream.connection())
                                .thenAccept(isThere -> {
                                    if (isThere
                                            ? stream.isSilentFor(unbearable)
                                                    && nodes.reportUnserved(
                                                            stream.connection(), Role.INGEST, true)
                                            : stream.isSilentFor(suspicious)) {
                                        stream.abort();
                                    }
                                });
            } else if (stream.isIdle() && nodes.isLost(stream.connection())) {
                streams.remove(stream.connection());
                stream.close(patience);
            }
        }
    }

    void close(Duration patience) {
        streams.values().forEach(stream -> stream.close(patience));
    }

    void clear() {
        streams.values().forEach(stream -> stream.readyPartitions().takeAll());
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

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
 * Leads each partition's batches to the node that takes them. A partition changes its node only
 * while none of its batches is in flight, so that no two nodes have batches of it at a time, and
 * those that a node left unanswered go out first at the next. Owner: the I/O thread.
 */
final class NodeRouter {

    private final NodeCalls nodes;
    private final Function<Connection, NodeStream> make;
    private final Map<Connection, NodeStream> outlets = new LinkedHashMap<>();
    private final Set<PartitionQueue> waiting = new LinkedHashSet<>();
    private int round = 1;

    NodeRouter(NodeCalls nodes, Function<Connection, NodeStream> make) {
        this.nodes = nodes;
        this.make = make;
    }

    /** Gives a partition a turn at its node, if it may send; it waits if there is no node. */
    void offer(PartitionQueue partition) {
        NodeStream outlet = outletOf(partition);
        if (outlet != null) {
            outlet.turns().offer(partition);
        }
    }

    /** Offers again the partitions whose first batch was not packed yet. */
    void offerPacked() {
        for (NodeStream outlet : outlets.values()) {
            outlet.turns().takeUnpacked().forEach(this::offer);
        }
    }

    /** Sends what has its turn. */
    void send() {
        // Sending may bring a failure, and with it changes.
        for (NodeStream outlet : List.copyOf(outlets.values())) {
            outlet.send();
        }
    }

    /** Partitions may have other nodes now. */
    void rerouted() {
        round++;
        List<PartitionQueue> again = new ArrayList<>(waiting);
        waiting.clear();
        outlets.values().forEach(outlet -> again.addAll(outlet.turns().takeAll()));
        again.forEach(this::offer);
    }

    /** Why partitions wait for a node; null if none does. */
    @Nullable String trouble() {
        return waiting.isEmpty() ? null : nodes.why(Role.INGEST);
    }

    /** Gives up streams on which batches have waited so long for an answer. */
    void breakSilent(Duration limit) {
        for (NodeStream outlet : List.copyOf(outlets.values())) {
            if (outlet.isSilentFor(limit)) {
                outlet.abort();
            }
        }
    }

    /**
     * Sees whether the nodes are still there, and gives up those that are not.
     *
     * @param suspicious how long batches may wait for an answer before their node is asked
     * @param unbearable how long they may wait at a node that is there, if others may do better
     * @param patience how long a node may take to end a stream that is not needed any more
     */
    void check(Duration suspicious, Duration unbearable, Duration patience) {
        for (NodeStream outlet : List.copyOf(outlets.values())) {
            if (outlet.isSilentFor(suspicious)) {
                var unused =
                        nodes.doubt(outlet.connection())
                                .thenAccept(isThere -> {
                                    if (isThere
                                            ? outlet.isSilentFor(unbearable)
                                                    && nodes.unserved(
                                                            outlet.connection(), Role.INGEST, true)
                                            : outlet.isSilentFor(suspicious)) {
                                        outlet.abort();
                                    }
                                });
            } else if (outlet.isIdle() && nodes.isLost(outlet.connection())) {
                outlets.remove(outlet.connection());
                outlet.close(patience);
            }
        }
    }

    /** Ends all streams, and forgets what has its turn. */
    void close(Duration patience) {
        outlets.values().forEach(outlet -> outlet.close(patience));
    }

    /** Forgets what has its turn: the producer is at its end. */
    void clear() {
        outlets.values().forEach(outlet -> outlet.turns().takeAll());
        waiting.clear();
    }

    private @Nullable NodeStream outletOf(PartitionQueue partition) {
        NodeStream current = partition.outlet;
        if (current != null && partition.routedInRound == round) {
            return current;
        }
        Connection way = nodes.route(Role.INGEST, partition.id);
        if (way == null) {
            if (partition.lane.next() != SequencedPartition.Next.NOTHING) {
                waiting.add(partition);
            }
            return null;
        }
        NodeStream next = outlets.computeIfAbsent(way, make);
        if (current != null && current != next && !partition.lane.nothingInFlight()) {
            // It is offered again after each of their answers.
            return null;
        }
        partition.outlet = next;
        partition.routedInRound = round;
        return next;
    }
}

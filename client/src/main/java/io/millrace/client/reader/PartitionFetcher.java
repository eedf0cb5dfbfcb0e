package io.millrace.client.reader;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.runtime.retry.Backoff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a reader's buffer filled. Assigns the cursors to the nodes that serve their partitions, and
 * again whenever the nodes change. Survives broken connections and lost nodes, because the cursors
 * hold the positions. Owner: the I/O thread.
 *
 * <p>The buffer holds up to {@link ReaderSettings#prefetchBytes} and one more response of each
 * node.
 */
final class PartitionFetcher implements NodeFetcher.Owner {

    private final ReaderSettings settings;
    private final IoThread io;
    private final NodeCalls nodes;
    private final FetchBuffer inbox;
    private final List<ReadCursor> cursors;
    private final Backoff backoff;
    private final ReadOutage outage;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean failureWaits = new AtomicBoolean();
    private final Map<Connection, NodeFetcher> fetchings = new LinkedHashMap<>();
    private final Runnable rerouted = this::divide;
    private boolean begun;
    private boolean complete;
    private boolean closed;

    PartitionFetcher(
            ReaderSettings settings,
            IoThread io,
            NodeCalls nodes,
            FetchBuffer inbox,
            List<ReadCursor> cursors,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.nodes = nodes;
        this.inbox = inbox;
        this.cursors = List.copyOf(cursors);
        this.backoff = backoff;
        this.outage = new ReadOutage(settings.unreachableAfter());
        nodes.join(rerouted);
    }

    /** Fetches if there is room and no call is in flight. Any thread. */
    void wake() {
        io.run(this::next);
    }

    /** Reports that bytes or a failure were polled. Any thread. */
    void taken(long bytes, boolean failure) {
        if (failure) {
            failureWaits.set(false);
        }
        long before = waitingBytes.getAndAdd(-bytes);
        if (failure
                || (before >= settings.prefetchBytes()
                        && before - bytes < settings.prefetchBytes())) {
            wake();
        }
    }

    void close() {
        nodes.leave(rerouted);
        io.run(() -> {
            closed = true;
            fetchings.values().forEach(NodeFetcher::cancel);
        });
    }

    /**
     * Continues a cursor at a new position. Any thread.
     *
     * @param epoch the epoch to which the seek raised the cursor
     */
    void move(ReadCursor cursor, StartPosition start, int epoch) {
        io.run(() -> {
            cursor.follow(start, epoch);
            // The calls may wait long for offsets that are no longer needed.
            fetchings.values().forEach(NodeFetcher::cancel);
            next();
        });
    }

    @Override
    public boolean hasRoom() {
        return !closed && waitingBytes.get() < settings.prefetchBytes();
    }

    @Override
    public void arrived(NodeFetcher from, ReadPlan.Outcome outcome) {
        outage.over();
        for (FetchBuffer.Item item : outcome.items()) {
            if (item instanceof FetchBuffer.Item.Batches batches) {
                waitingBytes.addAndGet(batches.bytes().limit());
            }
            inbox.add(item);
        }
        if (outcome.unserved()) {
            nodes.unserved(from.connection(), Role.FETCH, false);
        } else if (!outcome.items().isEmpty()) {
            nodes.served(from.connection(), Role.FETCH);
        }
    }

    @Override
    public void failed(NodeFetcher from, MillraceException failure) {
        report(failure);
        if (UnaryCalls.isGone(failure)) {
            nodes.failed(from.connection(), String.valueOf(failure.getMessage()));
        } else if (UnaryCalls.isUnserved(failure)) {
            nodes.unserved(from.connection(), Role.FETCH, false);
        }
    }

    @Override
    public int failuresInARow() {
        return outage.failuresInARow();
    }

    private void report(MillraceException failure) {
        boolean mustBeSaid = outage.failed(failure, io.nanoTime());
        if (mustBeSaid && !failureWaits.getAndSet(true)) {
            inbox.add(new FetchBuffer.Item.Failure(failure));
        }
    }

    private void next() {
        if (!begun) {
            begun = true;
            divide();
            check();
        } else {
            fetchings.values().forEach(NodeFetcher::next);
        }
    }

    /** Assigns each cursor to the node that serves its partition now. */
    private void divide() {
        if (closed) {
            return;
        }
        Map<Connection, List<ReadCursor>> shares = new LinkedHashMap<>();
        complete = true;
        for (ReadCursor cursor : cursors) {
            Connection way = nodes.route(Role.FETCH, cursor.partition);
            if (way == null) {
                complete = false;
            } else {
                shares.computeIfAbsent(way, node -> new ArrayList<>()).add(cursor);
            }
        }
        // All nodes must drop a cursor before the new node is asked for it.
        fetchings.forEach(
                (way, fetching) -> fetching.leaveUnless(shares.getOrDefault(way, List.of())));
        fetchings.keySet().retainAll(shares.keySet());
        shares.forEach((way, share) ->
                fetchings
                        .computeIfAbsent(
                                way, node -> new NodeFetcher(settings, io, node, backoff, this))
                        .follow(share));
        fetchings.values().forEach(NodeFetcher::next);
    }

    /** Checks that the nodes still respond, and reports if a partition has no node. */
    private void check() {
        if (closed) {
            return;
        }
        if (!complete) {
            report(new MillraceException.Unreachable(nodes.why(Role.FETCH), null));
        }
        for (NodeFetcher each : List.copyOf(fetchings.values())) {
            if (each.isLate(nodes.silenceLimits().suspect())) {
                // If the node is dead, the cursors move to a different node and its responses are
                // discarded.
                var unused =
                        nodes.doubt(each.connection())
                                .thenAccept(isThere -> {
                                    if (isThere && each.isLate(nodes.silenceLimits().unserved())) {
                                        nodes.unserved(each.connection(), Role.FETCH, true);
                                    }
                                });
            }
        }
        io.schedule(nodes.silenceLimits().checkInterval(), this::check);
    }
}

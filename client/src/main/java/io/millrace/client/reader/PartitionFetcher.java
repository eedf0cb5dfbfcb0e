package io.millrace.client.reader;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.StartPosition;
import io.millrace.runtime.retry.Backoff;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a reader's buffer filled. Assigns the cursors to the nodes that serve their partitions, and
 * again whenever the nodes change. The buffer holds up to {@link ReaderSettings#prefetchBytes} and
 * one more response of each node. Owner: the I/O thread.
 */
final class PartitionFetcher implements NodeFetcher.Owner {

    private final ReaderSettings settings;
    private final IoThread io;
    private final NodeCalls nodes;
    private final FetchBuffer buffer;
    private final List<ReadCursor> cursors;
    private final Backoff backoff;
    private final ClientMetrics metrics;
    private final ReadOutage outage;
    private final Map<ReadCursor, ReadOutage> partitionOutages = new HashMap<>();
    private final AtomicLong bufferedBytes = new AtomicLong();
    private final AtomicBoolean failurePending = new AtomicBoolean();
    private final Map<Connection, NodeFetcher> fetchers = new LinkedHashMap<>();
    private final Runnable rerouted = this::assign;
    private boolean started;
    private boolean complete;
    private boolean closed;

    PartitionFetcher(
            ReaderSettings settings,
            IoThread io,
            NodeCalls nodes,
            FetchBuffer inbox,
            List<ReadCursor> cursors,
            Backoff backoff,
            ClientMetrics metrics) {
        this.settings = settings;
        this.io = io;
        this.nodes = nodes;
        this.buffer = inbox;
        this.cursors = List.copyOf(cursors);
        this.backoff = backoff;
        this.metrics = metrics;
        this.outage = new ReadOutage(settings.unreachableAfter());
        nodes.addListener(rerouted);
    }

    /** Fetches if there is room. Any thread. */
    void wake() {
        io.run(this::fetchNext);
    }

    /** Reports polled bytes or a polled failure. Any thread. */
    void polled(long bytes, boolean failure) {
        if (failure) {
            failurePending.set(false);
        }
        long before = bufferedBytes.getAndAdd(-bytes);
        if (failure
                || (before >= settings.prefetchBytes()
                        && before - bytes < settings.prefetchBytes())) {
            wake();
        }
    }

    void close() {
        nodes.removeListener(rerouted);
        io.run(() -> {
            closed = true;
            fetchers.values().forEach(NodeFetcher::cancel);
        });
    }

    /** Continues a cursor at a new position. Any thread. */
    void seek(ReadCursor cursor, StartPosition start, int epoch) {
        io.run(() -> {
            cursor.applySeek(start, epoch);
            // The calls may wait long for offsets that are no longer needed.
            fetchers.values().forEach(NodeFetcher::cancel);
            fetchNext();
        });
    }

    @Override
    public boolean hasRoom() {
        return !closed && bufferedBytes.get() < settings.prefetchBytes();
    }

    @Override
    public void received(NodeFetcher from, ReadPlan.ResponseEffect outcome, long requestNanos) {
        metrics.fetched(requestNanos);
        outage.succeeded();
        reportPartitionOutages();
        for (FetchBuffer.Item item : outcome.items()) {
            if (item instanceof FetchBuffer.Item.Batches batches) {
                bufferedBytes.addAndGet(batches.bytes().limit());
            }
            buffer.add(item);
        }
        if (outcome.unserved()) {
            nodes.reportUnserved(from.connection(), Role.FETCH, false);
        } else if (!outcome.items().isEmpty()) {
            nodes.reportSuccess(from.connection(), Role.FETCH);
        }
    }

    @Override
    public void failed(NodeFetcher from, MillraceException failure) {
        metrics.fetchFailed(failure);
        report(failure);
        if (UnaryCalls.isNodeUnavailable(failure)) {
            nodes.reportFailure(from.connection(), String.valueOf(failure.getMessage()));
        } else if (UnaryCalls.isCausedByNode(failure)) {
            nodes.reportUnserved(from.connection(), Role.FETCH, false);
        }
    }

    @Override
    public int consecutiveFailures() {
        int ofAllPartitions =
                cursors.stream()
                        .filter(cursor -> !cursor.isStopped())
                        .mapToInt(ReadCursor::consecutiveFailures)
                        .min()
                        .orElse(0);
        return Math.max(outage.consecutiveFailures(), ofAllPartitions);
    }

    private void reportPartitionOutages() {
        for (ReadCursor cursor : cursors) {
            MillraceException failure = cursor.failure();
            if (failure == null) {
                partitionOutages.remove(cursor);
            } else {
                report(
                        failure,
                        partitionOutages.computeIfAbsent(
                                cursor, first -> new ReadOutage(settings.unreachableAfter())));
            }
        }
    }

    private void report(MillraceException failure) {
        report(failure, outage);
    }

    private void report(MillraceException failure, ReadOutage during) {
        boolean isDue = during.failed(failure, io.nanoTime());
        if (isDue && !failurePending.getAndSet(true)) {
            buffer.add(new FetchBuffer.Item.Failure(failure));
        }
    }

    private void fetchNext() {
        if (!started) {
            started = true;
            assign();
            check();
        } else {
            fetchers.values().forEach(NodeFetcher::fetchNext);
        }
    }

    private void assign() {
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
        // All nodes must drop a cursor before the new node fetches it.
        fetchers.forEach(
                (way, fetching) -> fetching.clearUnless(shares.getOrDefault(way, List.of())));
        fetchers.keySet().retainAll(shares.keySet());
        shares.forEach((way, share) ->
                fetchers.computeIfAbsent(
                                way, node -> new NodeFetcher(settings, io, node, backoff, this))
                        .assign(share));
        fetchers.values().forEach(NodeFetcher::fetchNext);
    }

    private void check() {
        if (closed) {
            return;
        }
        if (!complete) {
            report(new MillraceException.Unreachable(nodes.unavailableReason(Role.FETCH), null));
        }
        for (NodeFetcher each : List.copyOf(fetchers.values())) {
            if (each.isLate(nodes.silenceLimits().suspect())) {
                // The cursors of a dead node move to a different node; late responses are
                // discarded.
                var unused =
                        nodes.probe(each.connection())
                                .thenAccept(isThere -> {
                                    if (isThere && each.isLate(nodes.silenceLimits().unserved())) {
                                        nodes.reportUnserved(each.connection(), Role.FETCH, true);
                                    }
                                });
            }
        }
        io.schedule(nodes.silenceLimits().checkInterval(), this::check);
    }
}

package io.millrace.client.producer;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends a producer's batches to the nodes and reports each batch's outcome to its listeners exactly
 * once. Each {@link SequencedPartition} decides what to send next and how to treat a response; this
 * class carries the decisions out. Owner: the I/O thread; only {@link #submit}, {@link #wake},
 * {@link #trouble}, {@link #settled} and {@link #close} may be called from other threads.
 */
final class BatchDispatcher implements NodeStream.Owner {

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(10);

    private final ProducerSettings settings;
    private final IoThread io;
    private final NodeCalls nodes;

    private final Queue<PendingBatch> intake = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();

    private final PartitionBackoff waits;
    private final NodeRouter outlets;
    private final PendingDeliveries fates;
    private final Runnable rerouted = this::rerouted;
    private final StallReason trouble = new StallReason();
    private boolean sweepScheduled;
    private boolean checkScheduled;
    private long sweepAtNanos;
    private @Nullable MillraceException fatal;

    BatchDispatcher(
            ProducerSettings settings,
            IoThread io,
            NodeCalls nodes,
            ProducerMemory budget,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.nodes = nodes;
        this.fates = new PendingDeliveries(settings.deliveryTimeout(), budget);
        this.waits =
                new PartitionBackoff(
                        io,
                        new ProducerIdAllocator(nodes, io),
                        backoff,
                        trouble,
                        fates,
                        this::waited);
        this.outlets =
                new NodeRouter(nodes, way -> new NodeStream(io, way, turns(), backoff, this));
        nodes.join(rerouted);
    }

    private ReadyPartitions turns() {
        return new ReadyPartitions(settings.wantTiming(), waits::forIdentity, fates::failed);
    }

    /** Queues a batch in the order of its partition. The batch may still be unfinished. */
    void submit(PendingBatch batch) {
        intake.add(batch);
    }

    /** Schedules a pass over submitted and finished batches on the I/O thread. */
    void wake() {
        if (!pumpScheduled.getAndSet(true)) {
            io.execute(this::pump);
        }
    }

    /** Returns why batches are delayed; null if nothing delays them. Any thread. */
    @Nullable String trouble() {
        return trouble.current();
    }

    /** Returns a future that completes when every batch submitted before is settled. */
    CompletableFuture<Void> settled() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            takeIn();
            fates.whenReported().thenRun(() -> result.complete(null));
        });
        return result;
    }

    /** Closes the streams and fails the unsettled batches. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            nodes.leave(rerouted);
            outlets.close(PATIENCE_AT_CLOSE);
            stop(new MillraceException.Closed("The producer was closed."));
            result.complete(null);
        });
        return result;
    }

    private void pump() {
        pumpScheduled.set(false);
        takeIn();
        if (fatal == null && !fates.allReported()) {
            outlets.send();
            String why = outlets.trouble();
            if (why != null) {
                trouble.begins(why);
            }
        }
        scheduleSweep();
        scheduleCheck();
    }

    private void takeIn() {
        for (PendingBatch batch = intake.poll(); batch != null; batch = intake.poll()) {
            if (fatal != null) {
                fates.failed(batch, fatal.again());
                continue;
            }
            fates.add(batch);
            batch.partition.lane.add(batch);
            outlets.offer(batch.partition);
        }
        outlets.offerPacked();
    }

    private void waited(PartitionQueue partition) {
        outlets.offer(partition);
        pump();
    }

    private void rerouted() {
        outlets.rerouted();
        pump();
    }

    @Override
    public void wantsMore() {
        pump();
    }

    @Override
    public void answered(NodeStream outlet, PendingBatch batch, ProduceResult result) {
        PartitionQueue partition = batch.partition;
        partition.lane.returned();
        if (!batch.isDone()) {
            if (result.hasAck()) {
                partition.failuresInARow = 0;
                trouble.isOver();
                nodes.served(outlet.connection(), ClusterNode.Role.INGEST);
                partition.lane.stored(batch);
                fates.stored(batch, RetryDecision.stored(batch, result.getAck()));
            } else {
                Problem problem = CallFailures.problemOf(result.getError());
                boolean leaves = problem.reason() == Reason.SHUTTING_DOWN;
                boolean elsewhere =
                        leaves
                                ? hasOther(outlet)
                                : UnaryCalls.isOfTheNode(problem)
                                        && nodes.unserved(
                                                outlet.connection(),
                                                ClusterNode.Role.INGEST,
                                                false);
                rejected(batch, problem, elsewhere);
                if (leaves) {
                    nodes.failed(outlet.connection(), problem.message());
                }
            }
        }
        proceed(partition);
    }

    private boolean hasOther(NodeStream outlet) {
        return nodes.hasOther(ClusterNode.Role.INGEST, outlet.connection());
    }

    /**
     * Handles a rejected batch.
     *
     * @param elsewhere true if the next attempt is made at a different node and needs no backoff
     */
    private void rejected(PendingBatch batch, Problem problem, boolean elsewhere) {
        PartitionQueue partition = batch.partition;
        switch (partition.lane.rejected(batch, problem)) {
            case RetryDecision.Retry(boolean maybeStored, boolean pause) -> {
                if (pause) {
                    trouble.begins(problem.message());
                    if (!elsewhere) {
                        waits.afterFailure(partition);
                    }
                }
            }
            case RetryDecision.Split() -> {
                List<PendingBatch> halves =
                        BatchSplit.halves(batch, partition.lane.identity(), settings.codec());
                partition.lane.replace(batch, halves);
                halves.forEach(fates::add);
            }
            case RetryDecision.NewIdentity() -> {}
            case RetryDecision.GiveUp(MillraceException failure) -> fates.failed(batch, failure);
            case RetryDecision.Fenced(MillraceException failure) -> {
                fates.failed(
                        batch, batch.maybeStored ? RetryDecision.unknown(partition.id) : failure);
                stop(failure);
            }
        }
    }

    private void proceed(PartitionQueue partition) {
        partition.lane.lineUp();
        outlets.offer(partition);
    }

    @Override
    public void ended(
            NodeStream outlet, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        if (fatal != null) {
            return;
        }
        String address = outlet.connection().address();
        String why = ProduceStream.reason(address, status, trailers);
        trouble.begins(why);
        Problem problem = ProduceStream.problemOfUnanswered(address, status, trailers);
        boolean elsewhere = hasOther(outlet);
        for (PendingBatch batch : unanswered) {
            batch.partition.lane.returned();
            if (!batch.isDone()) {
                rejected(batch, problem, elsewhere);
            }
        }
        // The partitions are then routed to a different node, if there is one.
        nodes.failed(outlet.connection(), why);
        unanswered.forEach(batch -> proceed(batch.partition));
        if (unanswered.isEmpty() && !ProduceStream.worthAnotherTry(status)) {
            stop(CallFailures.ofCall(address, status, trailers));
        }
    }

    private void scheduleSweep() {
        if (fates.allReported()) {
            return;
        }
        long now = io.nanoTime();
        Duration left = fates.untilNextExpires(now);
        long at = now + left.toNanos();
        // A batch with a long linger may be older than batches sent before.
        if (!sweepScheduled || at - sweepAtNanos < 0) {
            sweepScheduled = true;
            sweepAtNanos = at;
            io.schedule(left, () -> sweep(at));
        }
    }

    private void sweep(long atNanos) {
        if (atNanos != sweepAtNanos) {
            return;
        }
        sweepScheduled = false;
        List<PartitionQueue> expired = fates.expire(io.nanoTime(), trouble.last());
        if (!expired.isEmpty()) {
            expired.forEach(outlets::offer);
            // A much shorter limit would treat a slow server as a dead one.
            outlets.breakSilent(settings.deliveryTimeout().dividedBy(2));
            pump();
        }
        scheduleSweep();
    }

    private void scheduleCheck() {
        if (!checkScheduled && !fates.allReported()) {
            checkScheduled = true;
            io.schedule(
                    nodes.silenceLimits().checkInterval(),
                    () -> {
                        checkScheduled = false;
                        outlets.check(
                                nodes.silenceLimits().suspect(), unserved(), PATIENCE_AT_CLOSE);
                        scheduleCheck();
                    });
        }
    }

    /**
     * Returns the limit after which a live node that does not respond is abandoned. Without
     * sequences the limit is infinite, because the outcome of the abandoned batches would be
     * unknown.
     */
    private Duration unserved() {
        return settings.idempotent()
                ? nodes.silenceLimits().unserved()
                : Duration.ofSeconds(Long.MAX_VALUE);
    }

    private void stop(MillraceException why) {
        if (fatal == null) {
            takeIn();
            fatal = why;
            outlets.clear();
            fates.endAll(why);
        }
    }
}

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
 * Carries a producer's batches to the server, and their fates back to the listeners. What may go
 * out next and what an answer means is decided in each {@link SequencedPartition}; this class does
 * what was decided. Owner: the I/O thread; only {@link #submit}, {@link #wake}, {@link #trouble},
 * {@link #settled} and {@link #close} may be called from elsewhere. Every batch that is submitted
 * is told its fate once.
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

    /** Takes over a batch, in the order of its partition; it may still be unfinished. */
    void submit(PendingBatch batch) {
        intake.add(batch);
    }

    /** Makes the I/O thread look at what was submitted and finished. */
    void wake() {
        if (!pumpScheduled.getAndSet(true)) {
            io.execute(this::pump);
        }
    }

    /** Why batches have to wait; null while all goes well. From any thread. */
    @Nullable String trouble() {
        return trouble.current();
    }

    /** Completes when everything that was submitted before is settled. */
    CompletableFuture<Void> settled() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            takeIn();
            fates.whenReported().thenRun(() -> result.complete(null));
        });
        return result;
    }

    /** Ends the stream, and fails what is not settled. */
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
     * @param elsewhere whether the next try is made at another node, and need not wait
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
        // The partitions then find another node, if there is one.
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
        // A batch that was gathered for long is older than those that went out before it.
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
            // Much less would take a server that is only slow for one that is gone.
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

    /** Without sequences nobody can tell what became of batches whose stream was given up. */
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

package io.millrace.client.producer;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends a producer's batches to the nodes, and reports each batch's outcome exactly once. Carries
 * out the decisions of each {@link SequencedPartition}. Owner: the I/O thread, except for {@link
 * #submit}, {@link #wake}, {@link #stallReason}, {@link #whenSettled} and {@link #close}.
 */
final class BatchDispatcher implements NodeStream.Owner {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final ProducerSettings settings;
    private final IoThread io;
    private final NodeCalls nodes;
    private final ClientMetrics metrics;

    private final Queue<PendingBatch> submitted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();

    private final PartitionBackoff partitionBackoff;
    private final NodeRouter router;
    private final PendingDeliveries deliveries;
    private final Runnable rerouted = this::rerouted;
    private final StallReason stallReason = new StallReason();
    private boolean expiryScheduled;
    private boolean checkScheduled;
    private long expiryAtNanos;
    private @Nullable MillraceException fatal;

    BatchDispatcher(
            ProducerSettings settings,
            IoThread io,
            NodeCalls nodes,
            ProducerMemory budget,
            Backoff backoff,
            ClientMetrics metrics) {
        this.settings = settings;
        this.io = io;
        this.nodes = nodes;
        this.metrics = metrics;
        this.deliveries = new PendingDeliveries(settings.deliveryTimeout(), budget, metrics);
        this.partitionBackoff =
                new PartitionBackoff(
                        io,
                        new ProducerIdAllocator(nodes, io),
                        backoff,
                        stallReason,
                        deliveries,
                        this::resume);
        this.router =
                new NodeRouter(
                        nodes, way -> new NodeStream(io, way, readyPartitions(), backoff, this));
        nodes.addListener(rerouted);
    }

    private ReadyPartitions readyPartitions() {
        return new ReadyPartitions(
                settings.wantTiming(), partitionBackoff::awaitProducerId, deliveries::failed);
    }

    /** Queues a batch in the order of its partition. The batch may be unfinished. */
    void submit(PendingBatch batch) {
        submitted.add(batch);
    }

    /** Schedules a pass over submitted and finished batches. */
    void wake() {
        if (!pumpScheduled.getAndSet(true)) {
            io.execute(this::pump);
        }
    }

    @Nullable String stallReason() {
        return stallReason.current();
    }

    /** Completes when every batch submitted before is settled. */
    CompletableFuture<Void> whenSettled() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            drainSubmitted();
            deliveries.whenReported().thenRun(() -> result.complete(null));
        });
        return result;
    }

    /** Closes the streams and fails the unsettled batches. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            nodes.removeListener(rerouted);
            router.close(CLOSE_TIMEOUT);
            stop(new MillraceException.Closed("The producer was closed."));
            result.complete(null);
        });
        return result;
    }

    private void pump() {
        pumpScheduled.set(false);
        drainSubmitted();
        if (fatal == null && !deliveries.allReported()) {
            router.send();
            String why = router.stallReason();
            if (why != null) {
                stallReason.set(why);
            }
        }
        scheduleExpiry();
        scheduleCheck();
    }

    private void drainSubmitted() {
        for (PendingBatch batch = submitted.poll(); batch != null; batch = submitted.poll()) {
            if (fatal != null) {
                deliveries.failed(batch, fatal.copy());
                continue;
            }
            deliveries.add(batch);
            batch.partition.sequenced.add(batch);
            router.offer(batch.partition);
        }
        router.offerUnfinished();
    }

    private void resume(PartitionQueue partition) {
        router.offer(partition);
        pump();
    }

    private void rerouted() {
        router.rerouted();
        pump();
    }

    @Override
    public void maySend() {
        pump();
    }

    @Override
    public void answered(NodeStream stream, PendingBatch batch, ProduceResult result) {
        PartitionQueue partition = batch.partition;
        partition.sequenced.attemptEnded();
        if (!batch.isDone()) {
            if (result.hasAck()) {
                partition.failuresInARow = 0;
                stallReason.clear();
                nodes.reportSuccess(stream.connection(), ClusterNode.Role.INGEST);
                partition.sequenced.stored(batch);
                deliveries.stored(
                        batch, RetryDecision.stored(batch, result.getAck()), io.nanoTime());
            } else {
                Problem problem = problemOf(result);
                boolean leaves = problem.reason() == Reason.SHUTTING_DOWN;
                boolean elsewhere =
                        leaves
                                ? hasAlternative(stream)
                                : UnaryCalls.isNodeProblem(problem)
                                        && nodes.reportUnserved(
                                                stream.connection(),
                                                ClusterNode.Role.INGEST,
                                                false);
                rejected(batch, problem, elsewhere);
                if (leaves) {
                    nodes.reportFailure(stream.connection(), problem.message());
                }
            }
        }
        requeueAndOffer(partition);
    }

    /** Returns the problem of a batch. With an unknown reason, the batch may be stored. */
    private static Problem problemOf(ProduceResult result) {
        return Problem.fromStatus(result.getError())
                .orElseGet(
                        () -> new Problem(Reason.OUTCOME_UNKNOWN, result.getError().getMessage()));
    }

    private boolean hasAlternative(NodeStream stream) {
        return nodes.hasAlternative(ClusterNode.Role.INGEST, stream.connection());
    }

    /** Handles a rejected batch, without backoff if the next attempt is made {@code elsewhere}. */
    private void rejected(PendingBatch batch, Problem problem, boolean elsewhere) {
        PartitionQueue partition = batch.partition;
        if (problem.reason() == Reason.UNKNOWN_TOPIC
                || problem.reason() == Reason.UNKNOWN_PARTITION) {
            partition.reportUnknown();
        }
        switch (partition.sequenced.rejected(batch, problem)) {
            case RetryDecision.Retry(boolean maybeStored, boolean pause) -> {
                metrics.batchRetried(
                        partition.id.topic(), problem.reason().name().toLowerCase(Locale.ROOT));
                if (pause) {
                    stallReason.set(problem.message());
                    if (!elsewhere) {
                        partitionBackoff.afterFailure(partition);
                    }
                }
            }
            case RetryDecision.Split() -> {
                List<PendingBatch> halves =
                        BatchSplit.halves(
                                batch, partition.sequenced.producerId(), settings.codec());
                partition.sequenced.replace(batch, halves);
                halves.forEach(deliveries::add);
            }
            case RetryDecision.NewProducerId() -> {}
            case RetryDecision.FailBatch(MillraceException failure) ->
                    deliveries.failed(batch, failure);
            case RetryDecision.Fenced(MillraceException failure) -> {
                deliveries.failed(
                        batch,
                        batch.maybeStored ? RetryDecision.outcomeUnknown(partition.id) : failure);
                stop(failure);
            }
        }
    }

    private void requeueAndOffer(PartitionQueue partition) {
        partition.sequenced.requeue();
        router.offer(partition);
    }

    @Override
    public void ended(
            NodeStream stream, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        if (fatal != null) {
            return;
        }
        String address = stream.connection().address();
        String why = ProduceStream.reason(address, status, trailers);
        stallReason.set(why);
        boolean expired = CallFailures.isExpired(status, trailers);
        Problem problem =
                CallFailures.problemOf(status, trailers)
                        .filter(BatchDispatcher::isBeforeExecution)
                        .orElseGet(() -> new Problem(Reason.OUTCOME_UNKNOWN, why));
        boolean elsewhere = !expired && hasAlternative(stream);
        for (PendingBatch batch : unanswered) {
            batch.partition.sequenced.attemptEnded();
            if (!batch.isDone()) {
                rejected(batch, problem, elsewhere);
            }
        }
        if (expired) {
            stream.connection().reconnect();
        } else {
            // Routes the partitions to a different node, if available.
            nodes.reportFailure(stream.connection(), why);
        }
        unanswered.forEach(batch -> requeueAndOffer(batch.partition));
    }

    /**
     * Returns whether the node rejected the stream before it read a message. Any other end of a
     * stream says nothing about batches without a result: they may be stored.
     */
    private static boolean isBeforeExecution(Problem problem) {
        return problem.reason() == Reason.UNAUTHENTICATED;
    }

    private void scheduleExpiry() {
        if (deliveries.allReported()) {
            return;
        }
        long now = io.nanoTime();
        Duration left = deliveries.untilNextExpiry(now);
        long at = now + left.toNanos();
        // A batch with a long linger may be older than batches sent before.
        if (!expiryScheduled || at - expiryAtNanos < 0) {
            expiryScheduled = true;
            expiryAtNanos = at;
            io.schedule(left, () -> expireOverdue(at));
        }
    }

    private void expireOverdue(long atNanos) {
        if (atNanos != expiryAtNanos) {
            return;
        }
        expiryScheduled = false;
        List<PartitionQueue> expired = deliveries.expire(io.nanoTime(), stallReason.last());
        if (!expired.isEmpty()) {
            expired.forEach(router::offer);
            // A much shorter limit would treat a slow server as dead.
            router.abortSilent(settings.deliveryTimeout().dividedBy(2));
            pump();
        }
        scheduleExpiry();
    }

    private void scheduleCheck() {
        if (!checkScheduled && !deliveries.allReported()) {
            checkScheduled = true;
            io.schedule(
                    nodes.silenceLimits().checkInterval(),
                    () -> {
                        checkScheduled = false;
                        router.check(
                                nodes.silenceLimits().suspect(), unservedLimit(), CLOSE_TIMEOUT);
                        scheduleCheck();
                    });
        }
    }

    /**
     * Returns the limit after which a silent live node is abandoned. Infinite without sequences,
     * because the outcome of abandoned batches would be unknown.
     */
    private Duration unservedLimit() {
        return settings.idempotent()
                ? nodes.silenceLimits().unserved()
                : Duration.ofSeconds(Long.MAX_VALUE);
    }

    private void stop(MillraceException why) {
        if (fatal == null) {
            drainSubmitted();
            fatal = why;
            router.clear();
            deliveries.failAll(why);
        }
    }
}

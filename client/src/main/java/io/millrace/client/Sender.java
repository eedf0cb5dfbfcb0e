package io.millrace.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends a producer's batches over one stream and decides what becomes of them. Owner: the I/O
 * thread; only {@link #submit}, {@link #wake}, {@link #settled} and {@link #close} may be called
 * from elsewhere.
 *
 * <p>Batches of one partition go out in order, many at a time. If one of them fails in a way that
 * is worth another try, the partition first waits for the answers of those behind it, and then
 * sends again what was not stored, in order, the same bytes: so a batch is never in flight twice,
 * and the order is kept. What a failure means for the sequences is decided by {@link Verdict}.
 */
final class Sender implements ProduceCall.Owner {

    private static final int REQUEST_BYTES = 1024 * 1024;

    private final ProducerSettings settings;
    private final IoThread io;
    private final Connection connection;
    private final Identities identities;
    private final MemoryBudget budget;
    private final Backoff backoff;

    private final Queue<PendingBatch> intake = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();

    private final ArrayDeque<PartitionQueue> sendable = new ArrayDeque<>();
    private final ArrayDeque<PendingBatch> byAge = new ArrayDeque<>();
    private final Set<PartitionQueue> unfinishedHeads = new HashSet<>();
    private @Nullable ProduceCall call;
    private boolean reconnectScheduled;
    private int brokenInARow;
    private boolean sweepScheduled;
    private @Nullable MillraceException fatal;
    private String lastTrouble = "the server has not answered yet";
    private volatile @Nullable String trouble;

    Sender(
            ProducerSettings settings,
            IoThread io,
            Connection connection,
            MemoryBudget budget,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.connection = connection;
        this.budget = budget;
        this.backoff = backoff;
        this.identities = new Identities(connection, io);
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
        return trouble;
    }

    /** Completes when everything that was submitted before is settled. */
    CompletableFuture<Void> settled() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            takeIn();
            CompletableFuture<?>[] left =
                    byAge.stream()
                            .filter(batch -> batch.state != PendingBatch.State.DONE)
                            .map(PendingBatch::whenSettled)
                            .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(left).thenRun(() -> result.complete(null));
        });
        return result;
    }

    /** Ends the stream, and fails what is not settled. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            ProduceCall last = call;
            if (last != null) {
                last.halfClose();
            }
            stop(new MillraceException.Closed("The producer was closed."));
            result.complete(null);
        });
        return result;
    }

    private void pump() {
        pumpScheduled.set(false);
        takeIn();
        if (fatal == null && !byAge.isEmpty() && connected()) {
            send();
        }
        scheduleSweep();
    }

    private void takeIn() {
        for (PendingBatch batch = intake.poll(); batch != null; batch = intake.poll()) {
            byAge.add(batch);
            if (fatal != null) {
                fail(batch, fatal.again());
                continue;
            }
            batch.partition.queued.add(batch);
            offer(batch.partition);
        }
        if (!unfinishedHeads.isEmpty()) {
            List<PartitionQueue> again = List.copyOf(unfinishedHeads);
            unfinishedHeads.clear();
            again.forEach(this::offer);
        }
        dropSettled();
    }

    private void dropSettled() {
        while (!byAge.isEmpty() && byAge.peek().state == PendingBatch.State.DONE) {
            byAge.remove();
        }
    }

    private boolean connected() {
        if (call == null && !reconnectScheduled) {
            ProduceCall opened = new ProduceCall(connection.channel(), this, io::run);
            call = opened;
            opened.open();
        }
        return call != null;
    }

    private void offer(PartitionQueue partition) {
        // maySend may offer the partition itself, when an identity is there at once.
        if (!partition.sendable && maySend(partition) && !partition.sendable) {
            partition.sendable = true;
            sendable.add(partition);
        }
    }

    private boolean maySend(PartitionQueue partition) {
        PendingBatch head = partition.queued.peek();
        if (head == null
                || partition.recovering
                || partition.backingOff
                || partition.inFlight >= settings.inFlightPerPartition()
                || !hasIdentity(partition)) {
            return false;
        }
        if (!head.finished) {
            unfinishedHeads.add(partition);
        }
        return head.finished;
    }

    private boolean hasIdentity(PartitionQueue partition) {
        if (!settings.idempotent() || (partition.identity != null && !partition.needsIdentity)) {
            return true;
        }
        if (partition.inFlight > 0 || partition.awaitsIdentity) {
            return false;
        }
        partition.awaitsIdentity = true;
        boolean fresh = partition.needsIdentity;
        identities
                .get(fresh)
                .whenComplete((identity, failure) -> adopt(partition, identity, failure));
        return partition.identity != null && !partition.needsIdentity;
    }

    private void adopt(
            PartitionQueue partition,
            @Nullable ProducerIdentity identity,
            @Nullable Throwable failure) {
        partition.awaitsIdentity = false;
        if (identity == null) {
            note(failure == null ? "no producer id" : String.valueOf(failure.getMessage()));
            backOff(partition);
            return;
        }
        partition.identity = identity;
        partition.nextSequence = 0;
        partition.needsIdentity = false;
        for (PendingBatch batch : List.copyOf(partition.queued)) {
            if (batch.maybeStored) {
                partition.queued.remove(batch);
                fail(batch, Verdict.unknown(partition.id));
            }
            batch.stamped = false;
        }
        offer(partition);
        wake();
    }

    private void send() {
        ProduceCall stream = call;
        while (stream != null && stream.ready() && !sendable.isEmpty()) {
            ProduceStreamRequest.Builder request = ProduceStreamRequest.newBuilder();
            List<PendingBatch> batches = new ArrayList<>();
            int bytes = 0;
            while (!sendable.isEmpty() && bytes < REQUEST_BYTES) {
                PartitionQueue partition = sendable.remove();
                partition.sendable = false;
                PendingBatch batch = partition.queued.peek();
                if (batch == null || !maySend(partition)) {
                    continue;
                }
                if (batch.sizeBytes() > ProducerSettings.LARGEST_BATCH_BYTES) {
                    // Such a request would cost the stream, and with it every other batch.
                    partition.queued.remove();
                    judge(batch, Verdict.largerThanAnyTopicTakes(batch));
                    offer(partition);
                    continue;
                }
                if (bytes > 0 && bytes + batch.sizeBytes() > 2 * REQUEST_BYTES) {
                    partition.sendable = true;
                    sendable.addFirst(partition);
                    break;
                }
                partition.queued.remove();
                bytes += batch.sizeBytes();
                request.addRequests(toRequest(partition, batch));
                batches.add(batch);
                offer(partition);
            }
            if (batches.isEmpty()) {
                return;
            }
            stream.send(request, batches);
        }
    }

    private ProduceRequest toRequest(PartitionQueue partition, PendingBatch batch) {
        ProducerIdentity identity = partition.identity;
        if (settings.idempotent() && identity != null && !batch.stamped) {
            batch.stamp(identity.producerId(), identity.epoch(), partition.nextSequence);
            partition.nextSequence =
                    PartitionQueue.sequenceAfter(partition.nextSequence, batch.count());
        }
        batch.state = PendingBatch.State.IN_FLIGHT;
        batch.attempts++;
        partition.inFlight++;
        partition.sent.add(batch);
        return batch.toRequest(settings.wantTiming());
    }

    @Override
    public void streamIsReady(ProduceCall ready) {
        if (ready == call) {
            pump();
        }
    }

    @Override
    public void answersEnd() {
        pump();
    }

    @Override
    public void answered(PendingBatch batch, ProduceResult result) {
        brokenInARow = 0;
        PartitionQueue partition = batch.partition;
        partition.inFlight--;
        if (batch.state == PendingBatch.State.DONE) {
            settleAnswer(partition);
            return;
        }
        if (result.hasAck()) {
            partition.failuresInARow = 0;
            trouble = null;
            partition.sent.remove(batch);
            succeed(batch, Verdict.stored(batch, result.getAck()));
        } else {
            judge(batch, Failures.problemOf(result.getError()));
        }
        settleAnswer(partition);
    }

    private void judge(PendingBatch batch, Problem problem) {
        PartitionQueue partition = batch.partition;
        switch (Verdict.of(batch, problem, settings.idempotent())) {
            case Verdict.Retry(boolean maybeStored, boolean pause) -> {
                batch.maybeStored |= maybeStored;
                batch.state = PendingBatch.State.TO_RETRY;
                partition.recovering = true;
                if (pause) {
                    note(problem.message());
                    backOff(partition);
                }
            }
            case Verdict.Split() -> {
                partition.recovering = true;
                replace(batch, BatchSplit.halves(batch, settings.codec()));
            }
            case Verdict.NewIdentity() -> {
                batch.state = PendingBatch.State.TO_RETRY;
                partition.recovering = true;
                partition.needsIdentity = true;
            }
            case Verdict.GiveUp(MillraceException failure) -> {
                partition.sent.remove(batch);
                abandon(batch);
                fail(batch, failure);
            }
            case Verdict.Fenced(MillraceException failure) -> {
                if (!batch.maybeStored) {
                    partition.sent.remove(batch);
                    fail(batch, failure);
                }
                stop(failure);
            }
        }
    }

    private void replace(PendingBatch batch, List<PendingBatch> halves) {
        halves.forEach(half -> half.state = PendingBatch.State.TO_RETRY);
        replace(batch.partition.sent, batch, halves);
        replace(byAge, batch, halves);
    }

    private static void replace(
            ArrayDeque<PendingBatch> queue, PendingBatch batch, List<PendingBatch> halves) {
        List<PendingBatch> before = List.copyOf(queue);
        queue.clear();
        for (PendingBatch each : before) {
            if (each == batch) {
                queue.addAll(halves);
            } else {
                queue.add(each);
            }
        }
    }

    /** Leaves a stamped batch out of the sequence. */
    private void abandon(PendingBatch batch) {
        if (!batch.stamped || batch.maybeStored) {
            // If it may be stored, the answer to the next one will show it.
            return;
        }
        PartitionQueue partition = batch.partition;
        boolean last =
                partition.sent.isEmpty() && partition.queued.stream().noneMatch(b -> b.stamped);
        if (last && partition.inFlight == 0) {
            partition.nextSequence = batch.baseSequence;
        } else {
            partition.needsIdentity = true;
        }
    }

    private void settleAnswer(PartitionQueue partition) {
        if (partition.recovering && partition.inFlight == 0) {
            while (!partition.sent.isEmpty()) {
                PendingBatch batch = partition.sent.removeLast();
                batch.state = PendingBatch.State.QUEUED;
                partition.queued.addFirst(batch);
            }
            partition.recovering = false;
        }
        offer(partition);
    }

    @Override
    public void streamEnded(
            ProduceCall ended, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        if (ended == call) {
            call = null;
        }
        if (fatal != null) {
            return;
        }
        note(
                Failures.problemOf(status, trailers)
                        .map(Problem::message)
                        .orElseGet(() -> Failures.unreachable(connection.address(), status)));
        boolean hopeless = !ProduceCall.worthAnotherTry(status);
        Problem problem =
                Failures.problemOf(status, trailers)
                        .filter(said -> hopeless)
                        .orElseGet(() ->
                                hopeless
                                        ? Failures.problemOf(ProduceCall.refusal(status))
                                        : new Problem(Reason.OUTCOME_UNKNOWN, lastTrouble));
        for (PendingBatch batch : unanswered) {
            batch.partition.inFlight--;
            if (batch.state != PendingBatch.State.DONE) {
                judge(batch, problem);
            }
        }
        unanswered.forEach(batch -> settleAnswer(batch.partition));
        if (hopeless && unanswered.isEmpty()) {
            stop(Failures.ofCall(connection.address(), status, trailers));
        }
        brokenInARow++;
        reconnectLater();
    }

    private void note(String why) {
        lastTrouble = why;
        trouble = why;
    }

    private void reconnectLater() {
        reconnectScheduled = true;
        io.schedule(
                backoff.after(brokenInARow),
                () -> {
                    reconnectScheduled = false;
                    connection.tryNow();
                    pump();
                });
    }

    private void backOff(PartitionQueue partition) {
        if (partition.backingOff) {
            return;
        }
        partition.backingOff = true;
        io.schedule(
                backoff.after(++partition.failuresInARow),
                () -> {
                    partition.backingOff = false;
                    offer(partition);
                    pump();
                });
    }

    private void scheduleSweep() {
        if (sweepScheduled || byAge.isEmpty()) {
            return;
        }
        sweepScheduled = true;
        long age = io.nanoTime() - byAge.element().createdNanos;
        long wait = Math.max(1_000_000, settings.deliveryTimeout().toNanos() - age);
        io.schedule(Duration.ofNanos(wait), this::sweep);
    }

    private void sweep() {
        sweepScheduled = false;
        long now = io.nanoTime();
        while (!byAge.isEmpty()) {
            PendingBatch batch = byAge.element();
            boolean old = now - batch.createdNanos >= settings.deliveryTimeout().toNanos();
            if (batch.state != PendingBatch.State.DONE && (!old || !batch.finished)) {
                break;
            }
            byAge.remove();
            if (batch.state != PendingBatch.State.DONE) {
                expire(batch);
            }
        }
        scheduleSweep();
    }

    private void expire(PendingBatch batch) {
        PartitionQueue partition = batch.partition;
        boolean inFlight = batch.state == PendingBatch.State.IN_FLIGHT;
        batch.maybeStored |= inFlight;
        partition.queued.remove(batch);
        partition.sent.remove(batch);
        abandon(batch);
        fail(batch, Verdict.expired(batch, settings.deliveryTimeout(), lastTrouble));
        offer(partition);
    }

    private void stop(MillraceException why) {
        if (fatal != null) {
            return;
        }
        fatal = why;
        takeIn();
        for (PendingBatch batch : List.copyOf(byAge)) {
            if (batch.state == PendingBatch.State.DONE) {
                continue;
            }
            boolean open = batch.maybeStored || batch.state == PendingBatch.State.IN_FLIGHT;
            fail(batch, open ? Verdict.unknown(batch.partition.id) : why.again());
        }
        byAge.clear();
        sendable.clear();
    }

    private void succeed(PendingBatch batch, Stored stored) {
        budget.release(batch.heldBytes());
        batch.succeed(stored);
    }

    private void fail(PendingBatch batch, MillraceException failure) {
        budget.release(batch.heldBytes());
        batch.fail(failure);
    }
}

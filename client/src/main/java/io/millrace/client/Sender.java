package io.millrace.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.ProduceResult;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries a producer's batches to the server, and their fates back to the listeners. What may go
 * out next and what an answer means is decided in each {@link PartitionLane}; this class does what
 * was decided. Owner: the I/O thread; only {@link #submit}, {@link #wake}, {@link #trouble}, {@link
 * #settled} and {@link #close} may be called from elsewhere.
 *
 * <p>Every batch that is submitted is told its fate once, and gives its memory back then: when the
 * server decided, when its time is over, or when the sender stops.
 */
final class Sender implements ProduceCall.Owner {

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(10);

    private final ProducerSettings settings;
    private final IoThread io;
    private final Connection connection;
    private final Identities identities;
    private final MemoryBudget budget;
    private final Backoff backoff;

    private final Queue<PendingBatch> intake = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();

    private final Turns turns;
    private final Deadlines deadlines;
    private final LastingStream stream;
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
        this.turns =
                new Turns(
                        settings.wantTiming(),
                        this::findIdentity,
                        batch -> fail(batch, Verdict.largerThanAnyTopicTakes(batch)));
        this.deadlines = new Deadlines(settings.deliveryTimeout());
        this.stream = new LastingStream(io, connection, backoff, this);
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
            CompletableFuture<?>[] open =
                    deadlines.open().stream()
                            .map(PendingBatch::whenSettled)
                            .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(open).thenRun(() -> result.complete(null));
        });
        return result;
    }

    /** Ends the stream, and fails what is not settled. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            stream.close(PATIENCE_AT_CLOSE);
            stop(new MillraceException.Closed("The producer was closed."));
            result.complete(null);
        });
        return result;
    }

    private void pump() {
        pumpScheduled.set(false);
        takeIn();
        if (fatal == null && !deadlines.isEmpty()) {
            send();
        }
        scheduleSweep();
    }

    private void takeIn() {
        for (PendingBatch batch = intake.poll(); batch != null; batch = intake.poll()) {
            if (fatal != null) {
                fail(batch, fatal.again());
                continue;
            }
            deadlines.add(batch);
            batch.partition.lane.add(batch);
            turns.offer(batch.partition);
        }
        turns.offerPacked();
    }

    private void send() {
        ProduceCall open = stream.open();
        while (open != null && open.ready()) {
            Turns.Message message = turns.fill();
            if (message == null) {
                return;
            }
            stream.send(open, message);
        }
    }

    private void findIdentity(PartitionQueue partition) {
        partition.awaitsIdentity = true;
        identities
                .get(partition.lane.needsFreshIdentity())
                .whenComplete((identity, failure) -> adopt(partition, identity, failure));
    }

    private void adopt(
            PartitionQueue partition,
            @Nullable ProducerIdentity identity,
            @Nullable Throwable failure) {
        partition.awaitsIdentity = false;
        if (fatal != null) {
            return;
        }
        if (identity == null) {
            note(failure == null ? "no producer id" : String.valueOf(failure.getMessage()));
            backOff(partition);
            return;
        }
        for (PendingBatch doubtful : partition.lane.begin(identity)) {
            fail(doubtful, Verdict.unknown(partition.id));
        }
        turns.offer(partition);
        wake();
    }

    @Override
    public void streamIsReady(ProduceCall ready) {
        if (stream.isCurrent(ready)) {
            pump();
        }
    }

    @Override
    public void answersEnd() {
        pump();
    }

    @Override
    public void answered(PendingBatch batch, ProduceResult result) {
        stream.heard();
        PartitionQueue partition = batch.partition;
        partition.lane.returned();
        if (!batch.isDone()) {
            if (result.hasAck()) {
                partition.failuresInARow = 0;
                trouble = null;
                partition.lane.stored(batch);
                budget.release(batch.heldBytes());
                batch.succeed(Verdict.stored(batch, result.getAck()));
            } else {
                refused(batch, Failures.problemOf(result.getError()));
            }
        }
        goOn(partition);
    }

    private void refused(PendingBatch batch, Problem problem) {
        PartitionQueue partition = batch.partition;
        switch (partition.lane.refused(batch, problem)) {
            case Verdict.Retry(boolean maybeStored, boolean pause) -> {
                if (pause) {
                    note(problem.message());
                    backOff(partition);
                }
            }
            case Verdict.Split() -> {
                List<PendingBatch> halves =
                        BatchSplit.halves(batch, partition.lane.identity(), settings.codec());
                partition.lane.replace(batch, halves);
                halves.forEach(deadlines::add);
            }
            case Verdict.NewIdentity() -> {}
            case Verdict.GiveUp(MillraceException failure) -> fail(batch, failure);
            case Verdict.Fenced(MillraceException failure) -> {
                fail(batch, batch.maybeStored ? Verdict.unknown(partition.id) : failure);
                stop(failure);
            }
        }
    }

    private void goOn(PartitionQueue partition) {
        partition.lane.lineUp();
        turns.offer(partition);
    }

    @Override
    public void streamEnded(
            ProduceCall ended, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        stream.ended(ended, this::pump);
        if (fatal != null) {
            return;
        }
        note(ProduceCall.reason(connection.address(), status, trailers));
        Problem problem = ProduceCall.problemOfUnanswered(connection.address(), status, trailers);
        for (PendingBatch batch : unanswered) {
            batch.partition.lane.returned();
            if (!batch.isDone()) {
                refused(batch, problem);
            }
        }
        unanswered.forEach(batch -> goOn(batch.partition));
        if (unanswered.isEmpty() && !ProduceCall.worthAnotherTry(status)) {
            stop(Failures.ofCall(connection.address(), status, trailers));
        }
    }

    private void note(String why) {
        lastTrouble = why;
        trouble = why;
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
                    turns.offer(partition);
                    pump();
                });
    }

    private void scheduleSweep() {
        if (!sweepScheduled && !deadlines.isEmpty()) {
            sweepScheduled = true;
            io.schedule(deadlines.untilNext(io.nanoTime()), this::sweep);
        }
    }

    private void sweep() {
        sweepScheduled = false;
        List<PendingBatch> expired = deadlines.takeExpired(io.nanoTime());
        for (PendingBatch batch : expired) {
            PartitionQueue partition = batch.partition;
            partition.lane.giveUp(batch);
            fail(batch, Verdict.expired(batch, settings.deliveryTimeout(), lastTrouble));
            turns.offer(partition);
        }
        if (!expired.isEmpty()) {
            // Much less would take a server that is only slow for one that is gone.
            stream.breakIfSilent(settings.deliveryTimeout().dividedBy(2));
        }
        scheduleSweep();
    }

    private void stop(MillraceException why) {
        if (fatal != null) {
            return;
        }
        takeIn();
        fatal = why;
        for (PendingBatch batch : deadlines.open()) {
            boolean sent = batch.maybeStored || batch.state == PendingBatch.State.IN_FLIGHT;
            batch.partition.lane.clear();
            fail(batch, sent ? Verdict.unknown(batch.partition.id) : why.again());
        }
        deadlines.clear();
        turns.clear();
    }

    private void fail(PendingBatch batch, MillraceException failure) {
        budget.release(batch.heldBytes());
        batch.fail(failure);
    }
}

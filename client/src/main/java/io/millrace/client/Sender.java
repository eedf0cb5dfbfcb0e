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
 * #settled} and {@link #close} may be called from elsewhere. Every batch that is submitted is told
 * its fate once.
 */
final class Sender implements ProduceCall.Owner {

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(10);

    private final ProducerSettings settings;
    private final IoThread io;
    private final Connection connection;

    private final Queue<PendingBatch> intake = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pumpScheduled = new AtomicBoolean();

    private final PartitionWaits waits;
    private final Turns turns;
    private final Fates fates;
    private final LastingStream stream;
    private final Trouble trouble = new Trouble();
    private boolean sweepScheduled;
    private long sweepAtNanos;
    private @Nullable MillraceException fatal;

    Sender(
            ProducerSettings settings,
            IoThread io,
            Connection connection,
            MemoryBudget budget,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.connection = connection;
        this.fates = new Fates(settings.deliveryTimeout(), budget);
        this.waits =
                new PartitionWaits(
                        io, new Identities(connection, io), backoff, trouble, fates, this::waited);
        this.turns = new Turns(settings.wantTiming(), waits::forIdentity, fates::failed);
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
        return trouble.current();
    }

    /** Completes when everything that was submitted before is settled. */
    CompletableFuture<Void> settled() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        io.execute(() -> {
            takeIn();
            fates.whenTold().thenRun(() -> result.complete(null));
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
        if (fatal == null && !fates.allTold()) {
            send();
        }
        scheduleSweep();
    }

    private void takeIn() {
        for (PendingBatch batch = intake.poll(); batch != null; batch = intake.poll()) {
            if (fatal != null) {
                fates.failed(batch, fatal.again());
                continue;
            }
            fates.add(batch);
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

    private void waited(PartitionQueue partition) {
        turns.offer(partition);
        pump();
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
                trouble.isOver();
                partition.lane.stored(batch);
                fates.stored(batch, Verdict.stored(batch, result.getAck()));
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
                    trouble.begins(problem.message());
                    waits.afterFailure(partition);
                }
            }
            case Verdict.Split() -> {
                List<PendingBatch> halves =
                        BatchSplit.halves(batch, partition.lane.identity(), settings.codec());
                partition.lane.replace(batch, halves);
                halves.forEach(fates::add);
            }
            case Verdict.NewIdentity() -> {}
            case Verdict.GiveUp(MillraceException failure) -> fates.failed(batch, failure);
            case Verdict.Fenced(MillraceException failure) -> {
                fates.failed(batch, batch.maybeStored ? Verdict.unknown(partition.id) : failure);
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
        trouble.begins(ProduceCall.reason(connection.address(), status, trailers));
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

    private void scheduleSweep() {
        if (fates.allTold()) {
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
            expired.forEach(turns::offer);
            // Much less would take a server that is only slow for one that is gone.
            stream.breakIfSilent(settings.deliveryTimeout().dividedBy(2));
            pump();
        }
        scheduleSweep();
    }

    private void stop(MillraceException why) {
        if (fatal == null) {
            takeIn();
            fatal = why;
            turns.clear();
            fates.endAll(why);
        }
    }
}

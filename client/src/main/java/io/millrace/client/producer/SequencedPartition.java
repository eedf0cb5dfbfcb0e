package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order and the numbers of one partition's batches on their way: which may be sent next, and
 * what an answer changes. Decides only; it sends nothing, tells nobody and knows no time. Owner:
 * the I/O thread.
 *
 * <p>Batches go out in order, many at a time. If one of them fails in a way that is worth another
 * try, the lane <em>recovers</em>: it waits for the answers of those in flight, and lines up again
 * what was not stored, in order, the same bytes. So a batch is never in flight twice, and the order
 * is kept. What a failure means for the numbers is decided by {@link RetryDecision}.
 */
final class SequencedPartition {

    /** What a lane needs to go on. */
    enum Next {
        /** Batches, or answers. */
        NOTHING,
        /** Its first batch is still being packed. */
        FINISHED_BATCH,
        /** A producer id: the shared one, or, with {@link #needsFreshIdentity}, one of its own. */
        IDENTITY,
        /** Somebody who sends: {@link #take} has a batch. */
        SENDER
    }

    private final boolean numbered;
    private final int maxInFlight;

    /** Not sent, or to be sent again; in order. */
    private final ArrayDeque<PendingBatch> queued = new ArrayDeque<>();

    /** Sent and not settled, in order; those in {@code TO_RETRY} included. */
    private final ArrayDeque<PendingBatch> sent = new ArrayDeque<>();

    private int inFlight;
    private boolean recovering;

    private @Nullable ProducerIdentity identity;
    private int nextSequence;

    /** The sequences have a hole, or the server forgot them: a new identity must come first. */
    private boolean needsFreshIdentity;

    /**
     * @param numbered whether batches get sequences, if they take them
     * @param maxInFlight how many may wait for their answers
     */
    SequencedPartition(boolean numbered, int maxInFlight) {
        this.numbered = numbered;
        this.maxInFlight = maxInFlight;
    }

    /** One that goes on under an identity at a sequence. */
    static SequencedPartition resumed(
            int maxInFlight, ProducerIdentity identity, int nextSequence) {
        SequencedPartition lane = new SequencedPartition(true, maxInFlight);
        lane.identity = identity;
        lane.nextSequence = nextSequence;
        return lane;
    }

    /** The sequence behind some records: after the largest comes zero. */
    static int sequenceAfter(int sequence, int records) {
        return (sequence + records) & Integer.MAX_VALUE;
    }

    @Nullable ProducerIdentity identity() {
        return identity;
    }

    int nextSequence() {
        return nextSequence;
    }

    boolean needsFreshIdentity() {
        return needsFreshIdentity;
    }

    /** Lines up a batch behind the others; it may still be unfinished. */
    void add(PendingBatch batch) {
        queued.add(batch);
    }

    Next next() {
        PendingBatch first = queued.peek();
        if (first == null || recovering || inFlight >= maxInFlight) {
            return Next.NOTHING;
        }
        if (takesNumbers(first) && (identity == null || needsFreshIdentity)) {
            return inFlight > 0 ? Next.NOTHING : Next.IDENTITY;
        }
        return first.finished ? Next.SENDER : Next.FINISHED_BATCH;
    }

    /** Whether no batch waits for its answer: the next may go another way. */
    boolean nothingInFlight() {
        return inFlight == 0;
    }

    /** The batch that {@link #take} would give; null without any. */
    @Nullable PendingBatch first() {
        return queued.peek();
    }

    /** Gives the first batch to be sent, with its numbers. Only if {@link #next} asks for it. */
    PendingBatch take() {
        PendingBatch batch = queued.remove();
        ProducerIdentity stampedBy = identity;
        if (takesNumbers(batch) && !batch.stamped && stampedBy != null) {
            batch.stamp(stampedBy, nextSequence);
            nextSequence = sequenceAfter(nextSequence, batch.count());
        }
        batch.state = PendingBatch.State.IN_FLIGHT;
        inFlight++;
        sent.add(batch);
        return batch;
    }

    /**
     * Begins anew at sequence 0 under an identity. Only if {@link #next} asks for it.
     *
     * @return what leaves the lane, since only its old numbers could tell whether it is stored
     */
    List<PendingBatch> begin(ProducerIdentity fresh) {
        identity = fresh;
        nextSequence = 0;
        needsFreshIdentity = false;
        List<PendingBatch> doubtful = queued.stream().filter(batch -> batch.maybeStored).toList();
        queued.removeAll(doubtful);
        queued.forEach(batch -> batch.stamped = false);
        return doubtful;
    }

    /**
     * Takes note that an attempt is over. What it came to follows: {@link #stored}, {@link
     * #rejected}; or neither, if the batch was given up in the meantime.
     */
    void returned() {
        inFlight--;
    }

    void stored(PendingBatch batch) {
        sent.remove(batch);
    }

    /**
     * Follows the verdict on a batch that was not acknowledged. Its listeners are to be told by the
     * caller; a {@link RetryDecision.Split} is to be followed by {@link #replace}.
     */
    RetryDecision rejected(PendingBatch batch, Problem problem) {
        RetryDecision verdict = RetryDecision.of(batch, problem, placeOf(batch));
        switch (verdict) {
            case RetryDecision.Retry(boolean maybeStored, boolean pause) -> {
                batch.maybeStored |= maybeStored;
                retry(batch);
            }
            case RetryDecision.NewIdentity() -> {
                needsFreshIdentity = true;
                retry(batch);
            }
            case RetryDecision.Split() -> recovering = true;
            case RetryDecision.GiveUp(MillraceException failure) -> {
                sent.remove(batch);
                leaveOut(batch);
            }
            case RetryDecision.Fenced(MillraceException failure) -> sent.remove(batch);
        }
        return verdict;
    }

    /** Puts the halves of a batch where it was. */
    void replace(PendingBatch batch, List<PendingBatch> halves) {
        halves.forEach(half -> half.state = PendingBatch.State.TO_RETRY);
        List<PendingBatch> before = List.copyOf(sent);
        sent.clear();
        for (PendingBatch each : before) {
            if (each == batch) {
                sent.addAll(halves);
            } else {
                sent.add(each);
            }
        }
    }

    /** Lines up what is to be sent again, once nothing is in flight. After every answer. */
    void lineUp() {
        if (recovering && inFlight == 0) {
            while (!sent.isEmpty()) {
                PendingBatch batch = sent.removeLast();
                batch.state = PendingBatch.State.QUEUED;
                queued.addFirst(batch);
            }
            recovering = false;
        }
    }

    /** Gives a batch up wherever it is; if it is in flight, it may be stored. */
    void abort(PendingBatch batch) {
        batch.maybeStored |= batch.state == PendingBatch.State.IN_FLIGHT;
        queued.remove(batch);
        sent.remove(batch);
        leaveOut(batch);
    }

    /** Forgets all batches: the producer is at its end. */
    void clear() {
        queued.clear();
        sent.clear();
    }

    private boolean takesNumbers(PendingBatch batch) {
        return numbered && batch.payload().takesNumbers();
    }

    private RetryDecision.Place placeOf(PendingBatch batch) {
        if (!takesNumbers(batch)) {
            return RetryDecision.Place.UNNUMBERED;
        }
        return batch != sent.peek() || needsFreshIdentity
                ? RetryDecision.Place.AFTER
                : RetryDecision.Place.FIRST;
    }

    private void retry(PendingBatch batch) {
        batch.state = PendingBatch.State.TO_RETRY;
        recovering = true;
    }

    /** Leaves a stamped batch out of the sequence. */
    private void leaveOut(PendingBatch batch) {
        if (!batch.stamped || batch.maybeStored) {
            // If it may be stored, the answer to the next one will show it.
            return;
        }
        boolean last = sent.isEmpty() && queued.stream().noneMatch(each -> each.stamped);
        if (last && inFlight == 0) {
            nextSequence = batch.baseSequence;
        } else {
            needsFreshIdentity = true;
        }
    }
}

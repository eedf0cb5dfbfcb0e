package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Problem;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The send order and the sequences of a partition's batches: decides which batch is sent next and
 * how a response changes the order. A pure decision core. Owner: the I/O thread.
 *
 * <p>After a retriable failure the partition <em>recovers</em>: it waits for the responses of all
 * in-flight batches. Then the unstored batches are queued again, unchanged and in order.
 */
final class SequencedPartition {

    /** The condition that the partition needs to continue. */
    enum NextAction {
        /** More batches or responses. */
        WAIT,
        /** The encoding of the first batch. */
        AWAIT_ENCODING,
        /** A producer id: shared or, with {@link #needsNewProducerId}, new. */
        ALLOCATE_PRODUCER_ID,
        SEND
    }

    private final boolean usesSequences;
    private final int maxInFlight;

    private final ArrayDeque<PendingBatch> queued = new ArrayDeque<>();

    /** Sent and unsettled batches in order, including {@code TO_RETRY}. */
    private final ArrayDeque<PendingBatch> sent = new ArrayDeque<>();

    private int inFlight;
    private boolean recovering;

    private @Nullable ProducerIdAndEpoch producerId;
    private int nextSequence;

    /** True after a gap in the sequence or a loss of the server's state. */
    private boolean needsNewProducerId;

    /** The first missing sequence; -1 without a gap, or if the server has lost its state. */
    private int gap = -1;

    SequencedPartition(boolean usesSequences, int maxInFlight) {
        this.usesSequences = usesSequences;
        this.maxInFlight = maxInFlight;
    }

    static SequencedPartition resumed(
            int maxInFlight, ProducerIdAndEpoch producerId, int nextSequence) {
        SequencedPartition partition = new SequencedPartition(true, maxInFlight);
        partition.producerId = producerId;
        partition.nextSequence = nextSequence;
        return partition;
    }

    /** Wraps around to 0 after {@code Integer.MAX_VALUE}. */
    static int sequenceAfter(int sequence, int records) {
        return (sequence + records) & Integer.MAX_VALUE;
    }

    @Nullable ProducerIdAndEpoch producerId() {
        return producerId;
    }

    int nextSequence() {
        return nextSequence;
    }

    boolean needsNewProducerId() {
        return needsNewProducerId;
    }

    void add(PendingBatch batch) {
        queued.add(batch);
    }

    NextAction next() {
        PendingBatch first = queued.peek();
        if (first == null || recovering || inFlight >= maxInFlight) {
            return NextAction.WAIT;
        }
        if (usesSequence(first)
                && (producerId == null || needsNewProducerId)
                && !isBeforeGap(first)) {
            return inFlight > 0 ? NextAction.WAIT : NextAction.ALLOCATE_PRODUCER_ID;
        }
        return first.finished ? NextAction.SEND : NextAction.AWAIT_ENCODING;
    }

    boolean nothingInFlight() {
        return inFlight == 0;
    }

    @Nullable PendingBatch first() {
        return queued.peek();
    }

    /**
     * Removes and returns the next batch, stamped with its sequence. Requires {@link
     * NextAction#SEND}.
     */
    PendingBatch take() {
        PendingBatch batch = queued.remove();
        ProducerIdAndEpoch currentProducerId = producerId;
        if (usesSequence(batch) && !batch.stamped && currentProducerId != null) {
            batch.stamp(currentProducerId, nextSequence);
            nextSequence = sequenceAfter(nextSequence, batch.count());
        }
        batch.state = PendingBatch.State.IN_FLIGHT;
        inFlight++;
        sent.add(batch);
        return batch;
    }

    /**
     * Restarts at sequence 0 under a new producer id. Requires {@link
     * NextAction#ALLOCATE_PRODUCER_ID}.
     *
     * @return the removed batches that may be stored, because only the old sequences could prove
     *     that
     */
    List<PendingBatch> restart(ProducerIdAndEpoch newProducerId) {
        producerId = newProducerId;
        nextSequence = 0;
        needsNewProducerId = false;
        gap = -1;
        List<PendingBatch> doubtful = queued.stream().filter(batch -> batch.maybeStored).toList();
        queued.removeAll(doubtful);
        queued.forEach(batch -> batch.stamped = false);
        return doubtful;
    }

    /** Ends an attempt, before {@link #stored} or {@link #rejected}. */
    void attemptEnded() {
        inFlight--;
    }

    void stored(PendingBatch batch) {
        sent.remove(batch);
    }

    /**
     * Applies the decision on an unacknowledged batch. The caller notifies the listeners, and calls
     * {@link #replace} after a {@link RetryDecision.Split}.
     */
    RetryDecision rejected(PendingBatch batch, Problem problem) {
        RetryDecision decision = RetryDecision.of(batch, problem, positionOf(batch));
        switch (decision) {
            case RetryDecision.Retry(boolean maybeStored, boolean pause) -> {
                batch.maybeStored |= maybeStored;
                retry(batch);
            }
            case RetryDecision.NewProducerId() -> {
                needsNewProducerId = true;
                gap = -1;
                retry(batch);
            }
            case RetryDecision.Split() -> recovering = true;
            case RetryDecision.FailBatch(MillraceException failure) -> {
                sent.remove(batch);
                removeFromSequence(batch);
            }
            case RetryDecision.Fenced(MillraceException failure) -> sent.remove(batch);
        }
        return decision;
    }

    void replace(PendingBatch batch, List<PendingBatch> halves) {
        halves.forEach(half -> half.state = PendingBatch.State.TO_RETRY);
        List<PendingBatch> before = List.copyOf(sent);
        sent.clear();
        for (PendingBatch candidate : before) {
            if (candidate == batch) {
                sent.addAll(halves);
            } else {
                sent.add(candidate);
            }
        }
    }

    /** Queues the batches to be retried once nothing is in flight. Called after every response. */
    void requeue() {
        if (recovering && inFlight == 0) {
            while (!sent.isEmpty()) {
                PendingBatch batch = sent.removeLast();
                batch.state = PendingBatch.State.QUEUED;
                queued.addFirst(batch);
            }
            recovering = false;
        }
    }

    /** Removes a batch in any state; an in-flight batch may be stored. */
    void abort(PendingBatch batch) {
        batch.maybeStored |= batch.state == PendingBatch.State.IN_FLIGHT;
        queued.remove(batch);
        sent.remove(batch);
        removeFromSequence(batch);
    }

    void clear() {
        queued.clear();
        sent.clear();
    }

    private boolean usesSequence(PendingBatch batch) {
        return usesSequences && batch.payload().supportsSequence();
    }

    private RetryDecision.SequencePosition positionOf(PendingBatch batch) {
        if (!usesSequence(batch)) {
            return RetryDecision.SequencePosition.UNSEQUENCED;
        }
        return batch != sent.peek() || (needsNewProducerId && !isBeforeGap(batch))
                ? RetryDecision.SequencePosition.AFTER
                : RetryDecision.SequencePosition.OLDEST;
    }

    private void retry(PendingBatch batch) {
        batch.state = PendingBatch.State.TO_RETRY;
        recovering = true;
    }

    private void removeFromSequence(PendingBatch batch) {
        if (!batch.stamped || batch.maybeStored) {
            // The response to the next batch shows whether this batch is stored.
            return;
        }
        boolean last = sent.isEmpty() && queued.stream().noneMatch(candidate -> candidate.stamped);
        if (last && inFlight == 0) {
            nextSequence = batch.baseSequence;
        } else {
            if (!needsNewProducerId || isBeforeGap(batch)) {
                gap = batch.baseSequence;
            }
            needsNewProducerId = true;
        }
    }

    /**
     * Returns whether the server accepts the batch under the current producer id although a later
     * batch is missing. Only that id shows whether a batch that may be stored is.
     */
    private boolean isBeforeGap(PendingBatch batch) {
        int distance = (gap - batch.baseSequence) & Integer.MAX_VALUE;
        return gap >= 0 && batch.stamped && distance > 0 && distance < 1 << 30;
    }
}

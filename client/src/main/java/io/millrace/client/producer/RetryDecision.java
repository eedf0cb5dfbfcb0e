package io.millrace.client.producer;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceAck;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The decision on a batch after a failed attempt. The rules of the idempotent producer:
 *
 * <ul>
 *   <li>A batch that may be stored keeps the same bytes, producer id and sequence, so that the
 *       server recognises a retry. If only new numbers could store the batch, the batch fails with
 *       {@link MillraceException.OutcomeUnknown}.
 *   <li>A batch that is certainly not stored gets new numbers after a gap in the sequence, or if
 *       the server has lost the producer's state. The partition restarts at sequence 0 under a new
 *       producer id, so that delayed batches never fill a gap.
 *   <li>A batch that is too large is split into two halves, which share its sequences.
 *   <li>A batch out of order after a batch to be retried is retried after the earlier batch.
 * </ul>
 *
 * <p>A batch without sequence is retried only if the server reports that the batch was not stored.
 */
sealed interface RetryDecision {

    /** Send the same bytes again, after the batches before. */
    record Retry(boolean maybeStored, boolean pause) implements RetryDecision {}

    /** Send in two halves: the batch is certainly not stored. */
    record Split() implements RetryDecision {}

    /** Renumber: the batch is certainly not stored and out of sequence. */
    record NewProducerId() implements RetryDecision {}

    record FailBatch(MillraceException failure) implements RetryDecision {}

    /** Stop the producer: a different producer took over its id. */
    record Fenced(MillraceException failure) implements RetryDecision {}

    enum SequencePosition {
        /** Without a sequence. */
        UNSEQUENCED,
        /** The oldest in flight: the server should expect the sequence. */
        OLDEST,
        /** After a batch that is in flight, retried or skipped: there may be a gap before. */
        AFTER
    }

    static RetryDecision of(PendingBatch batch, Problem problem, SequencePosition place) {
        if (problem.reason() == Reason.TOO_LARGE && !batch.maybeStored) {
            boolean canBeCut = batch.count() > 1 && batch.payload().canSplit();
            return canBeCut ? new Split() : new FailBatch(tooLarge(batch, problem));
        }
        if (place == SequencePosition.UNSEQUENCED) {
            boolean surelyNotStored = problem.reason() != Reason.OUTCOME_UNKNOWN;
            return problem.retriable() && surelyNotStored
                    ? new Retry(false, true)
                    : new FailBatch(CallFailures.ofProblem(problem));
        }
        return switch (problem.reason()) {
            case OUTCOME_UNKNOWN -> new Retry(true, true);
            case OUT_OF_ORDER_SEQUENCE ->
                    place == SequencePosition.AFTER ? new Retry(false, false) : renumbered(batch);
            case UNKNOWN_PRODUCER -> renumbered(batch);
            case PRODUCER_FENCED -> new Fenced(fenced(problem));
            default -> {
                if (problem.retriable()) {
                    yield new Retry(false, true);
                }
                yield new FailBatch(
                        batch.maybeStored
                                ? outcomeUnknown(batch.partition.id)
                                : CallFailures.ofProblem(problem));
            }
        };
    }

    private static RetryDecision renumbered(PendingBatch batch) {
        return batch.maybeStored
                ? new FailBatch(outcomeUnknown(batch.partition.id))
                : new NewProducerId();
    }

    private static MillraceException fenced(Problem problem) {
        return new MillraceException.Rejected(
                new Problem(
                        problem.reason(),
                        "The producer's id was taken over by a newer producer, so this one cannot write any more: close"
                                + " it and open a new one. "
                                + problem.message(),
                        problem.details()));
    }

    private static MillraceException tooLarge(PendingBatch batch, Problem problem) {
        if (!batch.payload().canSplit()) {
            return CallFailures.ofProblem(problem);
        }
        return new MillraceException.Rejected(
                new Problem(
                        problem.reason(),
                        "A record for %s is too large, even in a batch of its own: %s"
                                .formatted(batch.partition.id, problem.message()),
                        problem.details()));
    }

    /** Returns the reason if a batch must not be sent; otherwise null. */
    static @Nullable MillraceException beforeSending(PendingBatch batch) {
        if (batch.payload() instanceof BatchPayload.EncodingFailed(String why)) {
            return new MillraceException.Rejected(
                    new Problem(
                            Reason.INTERNAL_ERROR,
                            "A batch for %s could not be encoded, so it is not stored: %s"
                                    .formatted(batch.partition.id, why)));
        }
        if (batch.sizeBytes() <= ProducerSettings.MAX_BATCH_BYTES) {
            return null;
        }
        return tooLarge(
                batch,
                new Problem(
                        Reason.TOO_LARGE,
                        "The batch has %d bytes; no topic's max.message.bytes allows more than %d: send smaller records."
                                .formatted(batch.sizeBytes(), ProducerSettings.MAX_BATCH_BYTES)));
    }

    static ProduceResult stored(PendingBatch batch, ProduceAck ack) {
        return new ProduceResult(
                batch.partition.id,
                ack.getBaseOffset(),
                ack.getAppendTimeMs(),
                ack.getDuplicate(),
                ack.hasTiming() ? ack.getTiming() : null);
    }

    static MillraceException outcomeUnknown(TopicPartition partition) {
        return new MillraceException.OutcomeUnknown(
                "A batch for "
                        + partition
                        + " was sent, but it is unknown whether it is stored. Read the partition's"
                        + " end before sending it again.");
    }

    static MillraceException expired(PendingBatch batch, Duration timeout, String trouble) {
        String late =
                "A batch for %s was not acknowledged within %d ms (%s)"
                        .formatted(batch.partition.id, timeout.toMillis(), trouble);
        return batch.maybeStored
                ? new MillraceException.OutcomeUnknown(
                        late + "; it is unknown whether it is stored.")
                : new MillraceException.TimedOut(late + "; it is not stored.");
    }
}

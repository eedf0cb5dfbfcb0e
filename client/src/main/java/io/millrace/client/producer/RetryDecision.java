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
 * What a failed answer means for a batch. The rules of the idempotent producer:
 *
 * <ul>
 *   <li>A batch that may be stored keeps its bytes, producer id and sequence for ever: a retry of
 *       it is recognised. It is never given new numbers, which could store it twice; where only new
 *       numbers could store it, it fails with {@link MillraceException.OutcomeUnknown}.
 *   <li>A batch that is surely not stored may get new numbers. That is needed where an earlier
 *       batch was given up, so that the sequence has a hole, and where the server forgot the
 *       producer (its state expires). The numbers come with a new producer id, and the partition
 *       starts at sequence 0: whatever of the old id is still on its way can never fit in between.
 *   <li>A batch that is too large for its topic is cut in two, which share its sequences.
 *   <li>A sequence out of order behind a batch that is to be sent again is the consequence of that
 *       one's failure, and is sent again after it.
 * </ul>
 *
 * <p>A batch without sequence, because of the settings or because it was made elsewhere, is only
 * sent again if the server said that it was not stored.
 */
sealed interface RetryDecision {

    /** Send the same bytes again, after the batches before it. */
    record Retry(boolean maybeStored, boolean pause) implements RetryDecision {}

    /** Too large, surely not stored, and of several records: send it in two halves. */
    record Split() implements RetryDecision {}

    /** Surely not stored, and the server does not expect its sequence: number it anew. */
    record NewIdentity() implements RetryDecision {}

    /** Tell its listeners. */
    record GiveUp(MillraceException failure) implements RetryDecision {}

    /** Another producer took the id over: nothing more can be stored. */
    record Fenced(MillraceException failure) implements RetryDecision {}

    /** How a batch stands to the sequences of its partition. */
    enum Place {
        /** It has no sequence: a retry of it is not recognised. */
        UNNUMBERED,
        /** The oldest on its way: the server should expect its sequence. */
        FIRST,
        /** Behind one that is on its way, sent again or left out: there may be a gap before it. */
        AFTER
    }

    /** Judges a batch that was answered with a failure. */
    static RetryDecision of(PendingBatch batch, Problem problem, Place place) {
        if (problem.reason() == Reason.TOO_LARGE && !batch.maybeStored) {
            boolean canBeCut = batch.count() > 1 && batch.payload().canBeCut();
            return canBeCut ? new Split() : new GiveUp(tooLarge(batch, problem));
        }
        if (place == Place.UNNUMBERED) {
            boolean surelyNotStored = problem.reason() != Reason.OUTCOME_UNKNOWN;
            return problem.retriable() && surelyNotStored
                    ? new Retry(false, true)
                    : new GiveUp(CallFailures.ofProblem(problem));
        }
        return switch (problem.reason()) {
            case OUTCOME_UNKNOWN -> new Retry(true, true);
            case OUT_OF_ORDER_SEQUENCE ->
                    place == Place.AFTER ? new Retry(false, false) : renumbered(batch);
            case UNKNOWN_PRODUCER -> renumbered(batch);
            case PRODUCER_FENCED -> new Fenced(fenced(problem));
            default -> {
                if (problem.retriable()) {
                    yield new Retry(false, true);
                }
                yield new GiveUp(
                        batch.maybeStored
                                ? unknown(batch.partition.id)
                                : CallFailures.ofProblem(problem));
            }
        };
    }

    private static RetryDecision renumbered(PendingBatch batch) {
        return batch.maybeStored ? new GiveUp(unknown(batch.partition.id)) : new NewIdentity();
    }

    private static MillraceException fenced(Problem problem) {
        return new MillraceException.Rejected(
                new Problem(
                        problem.reason(),
                        "This producer can write no more, since another took over its id: close"
                                + " it and open a new one. "
                                + problem.message(),
                        problem.details()));
    }

    private static MillraceException tooLarge(PendingBatch batch, Problem problem) {
        if (!batch.payload().canBeCut()) {
            return CallFailures.ofProblem(problem);
        }
        return new MillraceException.Rejected(
                new Problem(
                        problem.reason(),
                        "A record for %s is too large even in a batch of its own: %s"
                                .formatted(batch.partition.id, problem.message()),
                        problem.details()));
    }

    /** Why a batch must not even be sent; null if it may. */
    static @Nullable MillraceException beforeSending(PendingBatch batch) {
        if (batch.payload() instanceof BatchPayload.Spoiled(String why)) {
            return new MillraceException.Rejected(
                    new Problem(
                            Reason.INTERNAL_ERROR,
                            "A batch for %s could not be packed, and is not stored: %s"
                                    .formatted(batch.partition.id, why)));
        }
        if (batch.sizeBytes() <= ProducerSettings.LARGEST_BATCH_BYTES) {
            return null;
        }
        return tooLarge(
                batch,
                new Problem(
                        Reason.TOO_LARGE,
                        "The batch has %d bytes; no topic's max.message.bytes allows more than %d: send smaller records."
                                .formatted(
                                        batch.sizeBytes(), ProducerSettings.LARGEST_BATCH_BYTES)));
    }

    /** The place of a batch that the server has. */
    static ProduceResult stored(PendingBatch batch, ProduceAck ack) {
        return new ProduceResult(
                batch.partition.id,
                ack.getBaseOffset(),
                ack.getAppendTimeMs(),
                ack.getDuplicate(),
                ack.hasTiming() ? ack.getTiming() : null);
    }

    /** The failure of a batch that was sent and whose answer is not known. */
    static MillraceException unknown(TopicPartition partition) {
        return new MillraceException.OutcomeUnknown(
                "A batch for "
                        + partition
                        + " was sent, but whether it is stored is not known. Read the partition's"
                        + " end before sending it again.");
    }

    /** The failure of a batch whose time is over. */
    static MillraceException expired(PendingBatch batch, Duration timeout, String trouble) {
        String late =
                "A batch for %s was not acknowledged within %d ms (%s)"
                        .formatted(batch.partition.id, timeout.toMillis(), trouble);
        return batch.maybeStored
                ? new MillraceException.OutcomeUnknown(
                        late + "; whether it is stored is not known.")
                : new MillraceException.TimedOut(late + "; it is not stored.");
    }
}

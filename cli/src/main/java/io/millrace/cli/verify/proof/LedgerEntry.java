package io.millrace.cli.verify.proof;

import io.millrace.cli.verify.proof.Violation.Kind;
import org.jspecify.annotations.Nullable;

/** An open record: its outcome is unknown, or the witness has not read it. Not thread-safe. */
final class LedgerEntry {

    final int producer;
    final long sequence;

    /** Null until reported to the producer. */
    @Nullable DeliveryOutcome outcome;

    /** The offset at which the witness read the record; -1 until then. */
    long seenAt = -1;

    LedgerEntry(int producer, long sequence) {
        this.producer = producer;
        this.sequence = sequence;
    }

    boolean isSettled() {
        return switch (outcome) {
            case null -> false;
            case DeliveryOutcome.Stored ignored -> seenAt >= 0;
            case DeliveryOutcome.NotStored ignored -> true;
            case DeliveryOutcome.Unknown ignored -> true;
        };
    }

    /** Returns whether the record was acknowledged but not read. */
    boolean isMissing() {
        return outcome instanceof DeliveryOutcome.Stored && seenAt < 0;
    }

    /** Returns the acknowledged offset; -1 if unknown. */
    long acknowledgedOffset() {
        return outcome instanceof DeliveryOutcome.Stored(long offset) ? offset : -1;
    }

    Violation lost(int partition, long offset) {
        return Violation.of(
                Kind.LOST,
                partition,
                offset,
                "%s was acknowledged at offset %d and is missing.",
                this,
                offset);
    }

    Violation wrongOffset(int partition) {
        return Violation.of(
                Kind.WRONG_OFFSET,
                partition,
                seenAt,
                "%s was acknowledged at offset %d but is stored at offset %d.",
                this,
                acknowledgedOffset(),
                seenAt);
    }

    Violation denied(int partition, long offset) {
        return Violation.of(
                Kind.DENIED,
                partition,
                offset,
                "%s was reported as not stored but is stored at offset %d.",
                this,
                offset);
    }

    Violation doubled(int partition, long offset) {
        return Violation.of(
                Kind.DOUBLED,
                partition,
                offset,
                "%s is stored twice, the second time at offset %d%s.",
                this,
                offset,
                seenAt < 0 ? "" : ", after offset " + seenAt);
    }

    @Override
    public String toString() {
        return "record " + sequence + " of producer " + producer;
    }
}

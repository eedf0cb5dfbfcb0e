package io.millrace.cli.verify.proof;

/** Outcome of a record as reported to its producer. */
public sealed interface DeliveryOutcome {

    /**
     * The record is stored.
     *
     * @param offset the record's offset; -1 if the server no longer knows the offset
     */
    record Stored(long offset) implements DeliveryOutcome {}

    /** The record is not stored and never will be. */
    record NotStored() implements DeliveryOutcome {}

    /** The record may or may not be stored. */
    record Unknown() implements DeliveryOutcome {}
}

package io.millrace.cli.verify.proof;

/** The outcome of a record as reported to its producer. */
public sealed interface DeliveryOutcome {

    /**
     * @param offset -1 if the server has forgotten the offset
     */
    record Stored(long offset) implements DeliveryOutcome {}

    /** The record is not stored and never will be. */
    record NotStored() implements DeliveryOutcome {}

    /** The record may be stored. */
    record Unknown() implements DeliveryOutcome {}
}

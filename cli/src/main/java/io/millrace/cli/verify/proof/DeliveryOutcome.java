package io.millrace.cli.verify.proof;

/** What a producer was told about a record. */
public sealed interface DeliveryOutcome {

    /**
     * It is stored.
     *
     * @param offset where; -1 if the server did not remember it
     */
    record Stored(long offset) implements DeliveryOutcome {}

    /** It is not stored, and never will be. */
    record NotStored() implements DeliveryOutcome {}

    /** Perhaps it is stored. */
    record Unknown() implements DeliveryOutcome {}
}

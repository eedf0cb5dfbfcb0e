package io.millrace.cli.proof;

/** What a producer was told about a record. */
public sealed interface Fate {

    /**
     * It is stored.
     *
     * @param offset where; -1 if the server did not remember it
     */
    record Stored(long offset) implements Fate {}

    /** It is not stored, and never will be. */
    record NotStored() implements Fate {}

    /** Perhaps it is stored. */
    record Unknown() implements Fate {}
}

package io.millrace.cli.verify.proof;

/**
 * A promise that was broken.
 *
 * @param kind which one
 * @param partition where
 * @param offset the first offset that shows it; -1 where there is none
 * @param message what is wrong, as a sentence that names partition and offsets
 */
public record Violation(Kind kind, int partition, long offset, String message) {

    /** What can go wrong. */
    public enum Kind {
        /** An acknowledged record is not there. */
        LOST,
        /** A record is there twice. */
        DOUBLED,
        /** A producer's records are not in the order in which they were sent. */
        REORDERED,
        /** A record is elsewhere than at its acknowledged offset. */
        WRONG_OFFSET,
        /** A record has other bytes than were sent. */
        CHANGED,
        /** Offsets are missing. */
        GAP,
        /** A record that was never sent is there. */
        PHANTOM,
        /** A record that was reported as not stored is there. */
        DENIED,
        /** Two readers saw different records. */
        DISAGREEMENT
    }

    static Violation of(Kind kind, int partition, long offset, String format, Object... arguments) {
        return new Violation(
                kind,
                partition,
                offset,
                "Partition " + partition + ": " + format.formatted(arguments));
    }
}

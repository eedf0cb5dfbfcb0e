package io.millrace.cli.verify.proof;

/**
 * A broken guarantee.
 *
 * @param offset the first offset that shows the violation; -1 if there is none
 * @param message a sentence that names the violation, the partition and the offsets
 */
public record Violation(Kind kind, int partition, long offset, String message) {

    /** The kind of a violation. */
    public enum Kind {
        /** An acknowledged record is missing. */
        LOST,
        DOUBLED,
        /** A producer's records are not in the order of sending. */
        REORDERED,
        /** A record is not at its acknowledged offset. */
        WRONG_OFFSET,
        CHANGED,
        GAP,
        /** A stored record was never sent. */
        PHANTOM,
        /** A record reported as not stored is stored. */
        DENIED,
        DISAGREEMENT,
        /** A group lost, repeated or reverted what it committed. */
        COMMIT
    }

    static Violation of(Kind kind, int partition, long offset, String format, Object... arguments) {
        return new Violation(
                kind,
                partition,
                offset,
                "Partition " + partition + ": " + format.formatted(arguments));
    }
}

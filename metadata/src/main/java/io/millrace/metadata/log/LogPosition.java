package io.millrace.metadata.log;

/**
 * A position in the log. Opaque: only the order within a shard is meaningful.
 *
 * @param shard the log shard; 0 at present
 * @param entry the number of entries of the shard up to and including this position
 */
public record LogPosition(int shard, long entry) {

    /** The position before the first entry. */
    public static final LogPosition START = new LogPosition(0, 0);

    /** Returns whether this position is at or after {@code other}. */
    public boolean covers(LogPosition other) {
        return entry >= other.entry;
    }
}

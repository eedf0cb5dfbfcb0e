package io.millrace.metadata.log;

/**
 * A position in the log. Opaque: only the order within a shard is meaningful.
 *
 * @param entry the number of the shard's entries up to this position, inclusive
 */
public record LogPosition(int shard, long entry) {

    /** The position before the first entry. */
    public static final LogPosition START = new LogPosition(0, 0);

    public boolean covers(LogPosition other) {
        return entry >= other.entry;
    }
}

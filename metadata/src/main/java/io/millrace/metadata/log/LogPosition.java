package io.millrace.metadata.log;

/**
 * A place in the log. Opaque: only its order within a shard has a meaning.
 *
 * @param shard which of the log's shards; 0 for now
 * @param entry how many entries of the shard lie up to here
 */
public record LogPosition(int shard, long entry) {

    /** Before the first entry. */
    public static final LogPosition START = new LogPosition(0, 0);

    /** Whether everything up to {@code other} lies up to here too. */
    public boolean covers(LogPosition other) {
        return entry >= other.entry;
    }
}

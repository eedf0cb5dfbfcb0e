package io.millrace.metadata.log;

import java.util.OptionalLong;

/** A receiver of the log's entries. Called on the log's event loop, one call at a time. */
public interface LogFollower {

    /** Receives the state as of a position. Called before any entry, at most once per opening. */
    void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

    /** Receives the next entry. The array is the one passed to {@code append} where possible. */
    void entry(LogPosition position, byte[] bytes);

    /**
     * Returns the digest of all outcomes up to a position, or empty if the digest is no longer
     * kept. The log compares the digest with that of other nodes.
     */
    OptionalLong digestAt(LogPosition position);

    /**
     * Reports that the log is broken. No further calls follow.
     *
     * @param why the failure
     */
    void logFailed(LogException why);
}

package io.millrace.metadata.log;

import java.util.OptionalLong;

/** A receiver of the log's entries. Called on the log's event loop. */
public interface LogFollower {

    /** Receives the state as of a position, before any entry and at most once per opening. */
    void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

    /** Receives the next entry, where possible in the array passed to {@code append}. */
    void entry(LogPosition position, byte[] bytes);

    /**
     * Returns the digest of all outcomes up to a position, for comparison with other nodes; empty
     * if no longer kept.
     */
    OptionalLong digestAt(LogPosition position);

    /** Reports that the log is broken. No calls follow. */
    void logFailed(LogException why);
}

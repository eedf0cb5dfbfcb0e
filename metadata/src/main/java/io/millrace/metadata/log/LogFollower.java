package io.millrace.metadata.log;

import java.util.OptionalLong;

/** Who reads the log. Called on the log's loop, one call at a time. */
public interface LogFollower {

    /** The state as of a position; before any entry, at most once for each opening. */
    void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

    /** The next entry. The bytes are those given to {@code append}, the same array if possible. */
    void entry(LogPosition position, byte[] bytes);

    /**
     * The digest of all outcomes up to a position, while it is remembered: it is compared with that
     * of other nodes.
     */
    OptionalLong digestAt(LogPosition position);

    /** Nothing more will come: the log is broken, and the message says how. */
    void broken(LogException why);
}

package io.millrace.cli.verify.proof;

import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Acknowledged records of one producer that a reading does not see and that may be gone rightly:
 * because the log begins behind them, or because newer records have their keys. Not thread-safe.
 */
final class MissingRecords {

    private final int keys;
    private final Map<Long, Long> newestByKey = new TreeMap<>();

    /** Keys whose newest record cannot be told, since a record of unknown fate came late. */
    private final Set<Long> doubtful = new HashSet<>();

    private long logStart;
    private boolean isAfterLogStart = true;
    private long removed;
    private long superseded;

    /**
     * @param keys how many the producer uses in turn where older records of a key may go; 0 where
     *     they may not
     */
    MissingRecords(int keys) {
        this.keys = keys;
    }

    /** The log begins there, which is behind all that was read. */
    void trimmed(long offset) {
        logStart = offset;
        isAfterLogStart = false;
    }

    /**
     * A record is there.
     *
     * @param isDoubtful whether its fate is unknown, so that it may be out of order
     */
    void seen(long sequence, boolean isDoubtful) {
        isAfterLogStart |= !isDoubtful;
        if (keys > 0) {
            newestByKey.remove(sequence % keys);
            if (isDoubtful) {
                doubtful.add(sequence % keys);
            }
        }
    }

    /**
     * A record is missing. Returns whether that may be right as far as is known.
     *
     * @param notBefore an offset that it was at, or behind
     */
    boolean missed(long sequence, long notBefore) {
        if (!isAfterLogStart && notBefore < logStart) {
            removed++;
            return true;
        }
        if (keys > 0) {
            superseded++;
            if (!doubtful.contains(sequence % keys)) {
                newestByKey.put(sequence % keys, sequence);
            }
            return true;
        }
        return false;
    }

    /** At the end: the first record that is missing without a newer one of its key. */
    OptionalLong lost() {
        return newestByKey.values().stream().mapToLong(Long::longValue).min();
    }

    long removed() {
        return removed;
    }

    long superseded() {
        return superseded;
    }
}

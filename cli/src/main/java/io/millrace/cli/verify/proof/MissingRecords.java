package io.millrace.cli.verify.proof;

import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The acknowledged records of one producer that a reading lacks legitimately: they are below the
 * log start, or have newer records with equal keys. Not thread-safe.
 */
final class MissingRecords {

    private final int keys;
    private final Map<Long, Long> newestByKey = new TreeMap<>();

    /** Keys whose newest record is uncertain: a record of unknown outcome was read out of order. */
    private final Set<Long> uncertainKeys = new HashSet<>();

    private long logStart;
    private boolean isAfterLogStart = true;
    private long removed;
    private long superseded;

    /**
     * @param keys the number of keys the producer uses in turn, if the topic is compacted;
     *     otherwise 0
     */
    MissingRecords(int keys) {
        this.keys = keys;
    }

    /** Called when the log start has moved past everything that was read. */
    void trimmed(long offset) {
        logStart = offset;
        isAfterLogStart = false;
    }

    /**
     * @param isDoubtful true if the record's outcome is unknown, so that it may be out of order
     */
    void onRead(long sequence, boolean isDoubtful) {
        isAfterLogStart |= !isDoubtful;
        if (keys > 0) {
            newestByKey.remove(sequence % keys);
            if (isDoubtful) {
                uncertainKeys.add(sequence % keys);
            }
        }
    }

    /**
     * Returns whether the absence of a record may be legitimate, as far as is known.
     *
     * @param notBefore a lower bound of the record's offset
     */
    boolean onMissing(long sequence, long notBefore) {
        if (!isAfterLogStart && notBefore < logStart) {
            removed++;
            return true;
        }
        if (keys > 0) {
            superseded++;
            if (!uncertainKeys.contains(sequence % keys)) {
                newestByKey.put(sequence % keys, sequence);
            }
            return true;
        }
        return false;
    }

    /** Returns, at the end, the first missing record without a newer record of the same key. */
    OptionalLong firstLost() {
        return newestByKey.values().stream().mapToLong(Long::longValue).min();
    }

    long removed() {
        return removed;
    }

    long superseded() {
        return superseded;
    }
}

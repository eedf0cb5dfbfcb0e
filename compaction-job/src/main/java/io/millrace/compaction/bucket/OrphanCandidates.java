package io.millrace.compaction.bucket;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Unreferenced objects and the times of their first sighting. An object becomes an orphan if
 * unreferenced in two complete consecutive rounds and first seen at least a grace period ago, so
 * that the writer had time to commit the reference. Pure; one owner.
 */
final class OrphanCandidates {

    private final long graceNanos;
    private final int max;
    private Map<String, Long> previousRound = Map.of();
    private Map<String, Long> currentRound = new HashMap<>();

    /**
     * @param max maximum number of candidates per round; further ones are found after these are
     *     deleted
     */
    OrphanCandidates(Duration grace, int max) {
        this.graceNanos = grace.toNanos();
        this.max = max;
    }

    /** Records an unreferenced object. Returns true for an orphan. */
    boolean isOrphan(String name, long nowNanos) {
        Long since = previousRound.get(name);
        if (since != null && nowNanos - since >= graceNanos) {
            return true;
        }
        if (currentRound.size() < max) {
            currentRound.put(name, since == null ? nowNanos : since);
        }
        return false;
    }

    void endRound() {
        previousRound = currentRound;
        currentRound = new HashMap<>();
    }

    /** Ends an incomplete round and discards its sightings. */
    void discardRound() {
        currentRound = new HashMap<>();
    }

    /** Discards all sightings, when another node becomes responsible for the bucket. */
    void clear() {
        previousRound = Map.of();
        currentRound = new HashMap<>();
    }
}

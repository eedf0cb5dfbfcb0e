package io.millrace.compaction.bucket;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Unreferenced objects with the times of their first sighting. An orphan is unreferenced in two
 * consecutive complete rounds and was first seen at least a grace period ago. Pure; one owner.
 */
final class OrphanCandidates {

    private final long graceNanos;
    private final int max;
    private Map<String, Long> previousRound = Map.of();
    private Map<String, Long> currentRound = new HashMap<>();

    /**
     * @param max maximum number of candidates per round; later rounds find the rest
     */
    OrphanCandidates(Duration grace, int max) {
        this.graceNanos = grace.toNanos();
        this.max = max;
    }

    /** Returns true for an orphan. */
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

    void discardRound() {
        currentRound = new HashMap<>();
    }

    /** Called when another node becomes responsible for the bucket. */
    void clear() {
        previousRound = Map.of();
        currentRound = new HashMap<>();
    }
}

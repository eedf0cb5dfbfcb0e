package io.millrace.compaction.bucket;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The objects that nothing named, and since when. One is to go if two whole rounds, one behind the
 * other, found it like that, and this process saw it first a time of grace ago: so that whoever
 * wrote it had its time to name it. Pure; one owner.
 */
final class OrphanCandidates {

    private final long graceNanos;
    private final int max;
    private Map<String, Long> before = Map.of();
    private Map<String, Long> now = new HashMap<>();

    /**
     * @param max so many are remembered from a round; what is beyond that is found later, when
     *     those are gone
     */
    OrphanCandidates(Duration grace, int max) {
        this.graceNanos = grace.toNanos();
        this.max = max;
    }

    /** Notes that nothing names an object, and says whether it is to go. */
    boolean isToGo(String name, long nowNanos) {
        Long since = before.get(name);
        if (since != null && nowNanos - since >= graceNanos) {
            return true;
        }
        if (now.size() < max) {
            now.put(name, since == null ? nowNanos : since);
        }
        return false;
    }

    /** A round has seen all objects. */
    void roundEnds() {
        before = now;
        now = new HashMap<>();
    }

    /** A round did not come to its end: it is as if it had not been. */
    void roundFails() {
        now = new HashMap<>();
    }

    /** Somebody else looks after the bucket. */
    void forget() {
        before = Map.of();
        now = new HashMap<>();
    }
}

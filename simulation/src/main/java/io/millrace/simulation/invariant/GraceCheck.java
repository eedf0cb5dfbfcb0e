package io.millrace.simulation.invariant;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks at every deletion that the object's grace period is over. Also computes the age of a
 * node's view of the metadata.
 */
public final class GraceCheck {

    private final EventLoop world;
    private final Duration minGracePeriod;
    private final WholeLog log;
    private final Violations violations;
    private final List<Long> appliedNanos = new ArrayList<>();
    private final Map<ObjectId, Long> unreferencedNanos = new HashMap<>();
    private long lateReads;

    public GraceCheck(EventLoop world, Duration grace, WholeLog log, Violations violations) {
        this.world = world;
        this.minGracePeriod = grace;
        this.log = log;
        this.violations = violations;
    }

    public void entry() {
        appliedNanos.add(world.nanoTime());
        for (ObjectId id : log.references().counts().newlyUnreferenced()) {
            unreferencedNanos.putIfAbsent(id, world.nanoTime());
        }
    }

    public void deleting(Collection<ObjectKey> keys) {
        for (ObjectKey key : keys) {
            violations.check(
                    ObjectId.parse(key, SimulatedCluster.NAME)
                            .filter(id -> !unreferencedNanos.containsKey(id))
                            .isEmpty(),
                    "%s is being deleted, but no entry dereferenced or condemned it",
                    key);
            timeSinceUnreferenced(key)
                    .ifPresent(since ->
                            violations.check(
                                    since.compareTo(minGracePeriod) >= 0,
                                    "%s is being deleted %d ms after its last reference, but the grace period is %d",
                                    key,
                                    since.toMillis(),
                                    minGracePeriod.toMillis()));
        }
    }

    public void reading(ObjectKey key) {
        if (timeSinceUnreferenced(key).isPresent()) {
            lateReads++;
        }
    }

    /**
     * Returns the time since the last reference, or since the first condemnation of an orphan;
     * empty for an object that neither happened to.
     */
    private Optional<Duration> timeSinceUnreferenced(ObjectKey key) {
        return ObjectId.parse(key, SimulatedCluster.NAME)
                .map(unreferencedNanos::get)
                .map(since -> Duration.ofNanos(world.nanoTime() - since));
    }

    /**
     * Returns the time since the first entry that the node lacks.
     *
     * @param entries the number of entries that the node has applied
     */
    public Duration viewAge(long entries) {
        return entries >= appliedNanos.size()
                ? Duration.ZERO
                : Duration.ofNanos(world.nanoTime() - appliedNanos.get(Math.toIntExact(entries)));
    }

    public Duration minGracePeriod() {
        return minGracePeriod;
    }

    /** Returns how many reads were for unreferenced objects. */
    public long lateReads() {
        return lateReads;
    }
}

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks at every deletion that the time of grace of what goes is over, and knows how old a node's
 * view of the metadata is: one that is younger than that finds all that it names.
 */
public final class GraceCheck {

    private final EventLoop world;
    private final Duration grace;
    private final WholeLog log;
    private final Violations violations;
    private final List<Long> appliedNanos = new ArrayList<>();
    private final Map<ObjectId, Long> leftNanos = new HashMap<>();
    private Set<ObjectId> named = Set.of();
    private long lateReads;

    /**
     * @param grace what every node leaves an object at least
     */
    public GraceCheck(EventLoop world, Duration grace, WholeLog log, Violations violations) {
        this.world = world;
        this.grace = grace;
        this.log = log;
        this.violations = violations;
    }

    /** The log has one more entry, which no node had applied before. */
    public void entry() {
        appliedNanos.add(world.nanoTime());
        Set<ObjectId> left = new HashSet<>(named);
        named = log.named();
        left.removeAll(named);
        left.forEach(id -> leftNanos.put(id, world.nanoTime()));
    }

    /** A node's deletion of objects arrives. */
    public void deleting(Collection<ObjectKey> keys) {
        for (ObjectKey key : keys) {
            left(key)
                    .ifPresent(since ->
                            violations.check(
                                    since.compareTo(grace) >= 0,
                                    "%s is being deleted %d ms after something named it, and stays for %d",
                                    key,
                                    since.toMillis(),
                                    grace.toMillis()));
        }
    }

    /** A node's request for a part of an object arrives. */
    public void reading(ObjectKey key) {
        if (left(key).isPresent()) {
            lateReads++;
        }
    }

    /** Since when nothing names an object that was named once; empty for any other. */
    private Optional<Duration> left(ObjectKey key) {
        return ObjectId.parse(key, SimulatedCluster.NAME)
                .map(leftNanos::get)
                .map(since -> Duration.ofNanos(world.nanoTime() - since));
    }

    /**
     * For how long there has been something that a node does not know.
     *
     * @param entries how many it has applied
     */
    public Duration age(long entries) {
        return entries >= appliedNanos.size()
                ? Duration.ZERO
                : Duration.ofNanos(world.nanoTime() - appliedNanos.get(Math.toIntExact(entries)));
    }

    /** The least time of grace of any node. */
    public Duration grace() {
        return grace;
    }

    /** How often something was asked for that nothing names any more. */
    public long lateReads() {
        return lateReads;
    }
}

package io.millrace.simulation.invariant;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Checks that all processes receive the same entries at the same positions, without gaps, and have
 * the same state after each.
 */
public final class LogCheck {

    private final EventLoop world;
    private final Trace trace;
    private final Violations violations;
    private final Map<Long, Integer> contents = new HashMap<>();
    private final Map<Long, Long> digests = new HashMap<>();
    private final Consumer<byte[]> whenNew;
    private long newest;

    /**
     * @param whenNew called once for each entry, in order
     */
    public LogCheck(EventLoop world, Trace trace, Violations violations, Consumer<byte[]> whenNew) {
        this.world = world;
        this.trace = trace;
        this.violations = violations;
        this.whenNew = whenNew;
    }

    public void checkpoint(int node, long position, long digest, long last) {
        trace.note(world.nanoTime(), "checkpoint read", node, position, digest);
        violations.check(last == -1, "node %d received a checkpoint after entry %d", node, last);
        compare(node, position, digest);
    }

    public void entry(int node, long position, byte[] bytes, long last) {
        violations.check(
                position == Math.max(last, 0) + 1,
                "node %d received entry %d after entry %d",
                node,
                position,
                last);
        int content = Arrays.hashCode(bytes);
        Integer known = contents.putIfAbsent(position, content);
        violations.check(
                known == null || known == content,
                "node %d has a different entry %d than other nodes",
                node,
                position);
        if (position == newest + 1) {
            newest = position;
            whenNew.accept(bytes);
        }
        violations.check(
                position <= newest, "entry %d is present, but %d is missing", position, newest + 1);
    }

    public void applied(int node, long position, long digest) {
        trace.note(world.nanoTime(), "applied", node, position, digest);
        compare(node, position, digest);
    }

    private void compare(int node, long position, long digest) {
        Long known = digests.putIfAbsent(position, digest);
        violations.check(
                known == null || known == digest,
                "node %d has digest %016x after entry %d, other nodes have %016x",
                node,
                digest,
                position,
                known);
    }

    /** Forgets all entries after a position, which a restore of etcd has removed. */
    public void restored(long position) {
        contents.keySet().removeIf(entry -> entry > position);
        digests.keySet().removeIf(entry -> entry > position);
        newest = position;
    }

    public long newest() {
        return newest;
    }
}

package io.millrace.simulation.world;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * A hash of all events of a run, equal for two runs of a seed. Prints the events if there is a
 * stream. Single-threaded.
 */
public final class Trace {

    private final @Nullable PrintStream out;
    private long hash = 0x9E3779B97F4A7C15L;
    private long events;

    public Trace(@Nullable PrintStream out) {
        this.out = out;
    }

    public void note(long nanos, String what, long who, long first, long second) {
        events++;
        mix(nanos);
        mix(what.hashCode());
        mix(who);
        mix(first);
        mix(second);
        if (out != null) {
            out.printf("%12.6f  %-28s %3d  %d %d%n", nanos / 1e9, what, who, first, second);
        }
    }

    /** Prints a remark, which is not part of the hash. */
    public void remark(long nanos, String text) {
        if (out != null) {
            out.printf("%12.6f  %s%n", nanos / 1e9, text);
        }
    }

    private void mix(long value) {
        hash = (hash ^ value) * 0xBF58476D1CE4E5B9L;
        hash ^= hash >>> 29;
    }

    public long hash() {
        return hash;
    }

    public long events() {
        return events;
    }
}

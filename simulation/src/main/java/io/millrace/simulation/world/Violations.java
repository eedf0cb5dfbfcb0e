package io.millrace.simulation.world;

import org.jspecify.annotations.Nullable;

/**
 * The first violation of a promise, recorded instead of thrown because a future's callback would
 * lose an exception.
 */
public final class Violations {

    private @Nullable String first;

    public void add(String sentence) {
        if (first == null) {
            first = sentence;
        }
    }

    public void check(boolean holds, String format, @Nullable Object... values) {
        if (!holds) {
            add(format.formatted(values));
        }
    }

    @Nullable
    public String first() {
        return first;
    }
}

package io.millrace.simulation.world;

import org.jspecify.annotations.Nullable;

/**
 * The first promise that was broken. Noted instead of thrown: what runs inside a future's callback
 * has nobody to throw to.
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

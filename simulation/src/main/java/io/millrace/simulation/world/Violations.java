package io.millrace.simulation.world;

import org.jspecify.annotations.Nullable;

/**
 * The first violation of a promise. Violations are recorded instead of thrown because an exception
 * in a future's callback would be lost.
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

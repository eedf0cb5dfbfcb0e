package io.millrace.simulation;

import org.jspecify.annotations.Nullable;

/**
 * The first promise that was broken. Noted instead of thrown: what runs inside a future's callback
 * has nobody to throw to.
 */
final class Violations {

    private @Nullable String first;

    void add(String sentence) {
        if (first == null) {
            first = sentence;
        }
    }

    void check(boolean holds, String format, @Nullable Object... values) {
        if (!holds) {
            add(format.formatted(values));
        }
    }

    @Nullable String first() {
        return first;
    }
}

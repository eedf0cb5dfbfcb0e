package io.millrace.client.producer;

import org.jspecify.annotations.Nullable;

/**
 * The reason for delayed batches. Written by the I/O thread; any thread may call {@link #current}.
 */
final class StallReason {

    private String last = "the server has not responded yet";
    private volatile @Nullable String current;

    void set(String why) {
        last = why;
        current = why;
    }

    void clear() {
        current = null;
    }

    /** Returns the current reason; null without delays. */
    @Nullable String current() {
        return current;
    }

    /** Returns the most recent reason, which may be over. */
    String last() {
        return last;
    }
}

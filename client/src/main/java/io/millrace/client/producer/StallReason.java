package io.millrace.client.producer;

import org.jspecify.annotations.Nullable;

/** Why a producer's batches have to wait. Written by the I/O thread, read by any. */
final class StallReason {

    private String last = "the server has not answered yet";
    private volatile @Nullable String current;

    void begins(String why) {
        last = why;
        current = why;
    }

    void isOver() {
        current = null;
    }

    /** What it is; null while all goes well. From any thread. */
    @Nullable String current() {
        return current;
    }

    /** What it was last, over or not. */
    String last() {
        return last;
    }
}

package io.millrace.server.http;

import jakarta.inject.Singleton;

/** A flag that is true from the end of the server's start to the beginning of its stop. */
@Singleton
public final class ServingState {

    private volatile boolean serving;

    /** Sets the flag. Any thread. */
    public void set(boolean isServing) {
        serving = isServing;
    }

    boolean isServing() {
        return serving;
    }
}

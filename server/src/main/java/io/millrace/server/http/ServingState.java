package io.millrace.server.http;

import jakarta.inject.Singleton;

/** Whether this server takes requests: from the end of its start to the beginning of its stop. */
@Singleton
public final class ServingState {

    private volatile boolean serving;

    /** Says whether it does. Any thread. */
    public void set(boolean isServing) {
        serving = isServing;
    }

    boolean isServing() {
        return serving;
    }
}

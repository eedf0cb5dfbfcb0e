package io.millrace.client.producer;

import java.util.concurrent.atomic.AtomicBoolean;

/** The time of a topic's last look-up, and whether a look-up is in flight. Thread-safe. */
final class TopicAge {

    private final AtomicBoolean lookingUp = new AtomicBoolean();
    private volatile long learnedNanos;

    TopicAge(long learnedNanos) {
        this.learnedNanos = learnedNanos;
    }

    long learnedNanos() {
        return learnedNanos;
    }

    /** Returns whether the caller may start a look-up, and marks the look-up as started. */
    boolean tryBegin() {
        return !lookingUp.getAndSet(true);
    }

    void end(long nowNanos) {
        learnedNanos = nowNanos;
        lookingUp.set(false);
    }
}

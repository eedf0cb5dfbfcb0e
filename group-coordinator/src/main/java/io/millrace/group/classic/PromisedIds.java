package io.millrace.group.classic;

import io.millrace.group.timing.Timeouts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids that new members were told and have not joined with yet. A rebalance waits for these
 * members. Owned by their group.
 */
final class PromisedIds {

    private final Timeouts timeouts;
    private final Runnable onForgotten;
    // Never iterated in an order that matters.
    private final Map<String, Timeouts.Timeout> promises = new HashMap<>();

    PromisedIds(Timeouts timeouts, Runnable onForgotten) {
        this.timeouts = timeouts;
        this.onForgotten = onForgotten;
    }

    int size() {
        return promises.size();
    }

    boolean isEmpty() {
        return promises.isEmpty();
    }

    void promise(String id, Duration time) {
        promises.put(id, timeouts.start(time, () -> forget(id)));
    }

    /** Returns whether the id was promised. */
    boolean forget(String id) {
        Timeouts.Timeout promise = promises.remove(id);
        if (promise == null) {
            return false;
        }
        promise.cancel();
        onForgotten.run();
        return true;
    }

    void clear() {
        promises.values().forEach(Timeouts.Timeout::cancel);
        promises.clear();
    }
}

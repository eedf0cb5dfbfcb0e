package io.millrace.group.routing;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs {@link CoordinatorConnection#check} on all connections of a node once a second, in {@code
 * BATCHES} batches. A timer for each connection would wake the event loop too often, and a single
 * batch would block it. Owned by the metadata's event loop.
 */
final class CoordinatorProbe {

    private static final int BATCHES = 20;
    private static final Duration STEP = Duration.ofMillis(1000 / BATCHES);

    private final EventLoop loop;
    private final List<List<CoordinatorConnection>> batches =
            Stream.<List<CoordinatorConnection>>generate(ArrayList::new).limit(BATCHES).toList();
    private int next;
    private int batch;
    private int connections;

    CoordinatorProbe(EventLoop loop) {
        this.loop = loop;
    }

    void add(CoordinatorConnection line) {
        batches.get(next).add(line);
        next = (next + 1) % BATCHES;
        if (connections++ == 0) {
            loop.schedule(STEP, this::step);
        }
    }

    private void step() {
        List<CoordinatorConnection> due = batches.get(batch);
        batch = (batch + 1) % BATCHES;
        connections -= due.size();
        due.removeIf(CoordinatorConnection::isClosed);
        connections += due.size();
        if (connections > 0) {
            // Schedule first: the checks must continue even if the code below throws.
            loop.schedule(STEP, this::step);
        }
        List.copyOf(due).forEach(CoordinatorConnection::check);
    }
}

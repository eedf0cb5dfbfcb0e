package io.millrace.group.routing;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Has the lines of a node's members look around once a second. Some of them do so at a time: with a
 * timer for each, thousands of lines would wake the loop for each of them, and all at once would
 * hold it up when they have something to do. Owned by the metadata's loop.
 */
final class CoordinatorProbe {

    private static final int PARTS = 20;
    private static final Duration STEP = Duration.ofMillis(1000 / PARTS);

    private final EventLoop loop;
    private final List<List<CoordinatorConnection>> parts =
            Stream.<List<CoordinatorConnection>>generate(ArrayList::new).limit(PARTS).toList();
    private int next;
    private int part;
    private int lines;

    CoordinatorProbe(EventLoop loop) {
        this.loop = loop;
    }

    /** From now on the line looks around, until it is over. */
    void add(CoordinatorConnection line) {
        parts.get(next).add(line);
        next = (next + 1) % PARTS;
        if (lines++ == 0) {
            loop.schedule(STEP, this::step);
        }
    }

    private void step() {
        List<CoordinatorConnection> due = parts.get(part);
        part = (part + 1) % PARTS;
        lines -= due.size();
        due.removeIf(CoordinatorConnection::isOver);
        lines += due.size();
        if (lines > 0) {
            // First of all: whatever goes wrong below, the others go on.
            loop.schedule(STEP, this::step);
        }
        List.copyOf(due).forEach(CoordinatorConnection::check);
    }
}

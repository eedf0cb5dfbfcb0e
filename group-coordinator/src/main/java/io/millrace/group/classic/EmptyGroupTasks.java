package io.millrace.group.classic;

import java.util.ArrayList;
import java.util.List;

/** The tasks that wait until the log has no members of a group. Owned by its group. */
final class EmptyGroupTasks {

    private final List<Runnable> tasks = new ArrayList<>();

    void add(Runnable task) {
        tasks.add(task);
    }

    /** Runs each task once. */
    void run() {
        List<Runnable> due = List.copyOf(tasks);
        tasks.clear();
        due.forEach(Runnable::run);
    }
}

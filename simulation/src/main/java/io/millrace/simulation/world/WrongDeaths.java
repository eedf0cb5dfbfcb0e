package io.millrace.simulation.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The live processes whose incarnations were closed without reason. Until such a process stops
 * itself, it coordinates its groups beside another node, and both may assign a partition.
 */
public final class WrongDeaths {

    private final List<NodeLoop> processes = new ArrayList<>();

    public void add(NodeLoop process) {
        processes.add(process);
    }

    /**
     * Returns whether a member may hold a lease from such a process.
     *
     * @param lease the time for which a lease outlasts the process
     */
    public boolean mayHaveLeases(Duration lease) {
        return processes.stream()
                .anyMatch(process -> !process.isDead() || process.deadFor().compareTo(lease) < 0);
    }
}

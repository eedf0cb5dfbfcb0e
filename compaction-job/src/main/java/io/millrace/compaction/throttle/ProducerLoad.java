package io.millrace.compaction.throttle;

/** The load of a node by its producers, and its spare capacity. Any thread. */
public interface ProducerLoad {

    ProducerLoad NONE = () -> new Load(0, 0, 1, 0);

    /** Takes a sample within microseconds. */
    Load current();

    /**
     * A sample of the load.
     *
     * @param sentBytes bytes received from producers since the start of the node
     * @param busy share of busy processors of the machine, by all processes; 0 to 1
     * @param processors number of processors, at least 1
     * @param backlog unmerged extents relative to their limit; from 1 on, producers are rejected
     */
    record Load(long sentBytes, double busy, int processors, double backlog) {}
}

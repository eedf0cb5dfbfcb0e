package io.millrace.compaction.throttle;

/** What the producers of this node send, and how much of the machine they leave. Any thread. */
public interface ProducerLoad {

    /** Of a node to which nobody sends. */
    ProducerLoad NONE = () -> new Load(0, 0, 0);

    /** How it is now; takes microseconds. */
    Load now();

    /**
     * One look.
     *
     * @param sentBytes that producers sent since the node began
     * @param busy the share of the machine's processors that had work of late, whoever's; 0 to 1
     * @param backlog how full the metadata are with what is not merged yet; from 1 on producers are
     *     refused
     */
    record Load(long sentBytes, double busy, double backlog) {}
}

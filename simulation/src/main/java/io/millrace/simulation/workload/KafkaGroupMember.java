package io.millrace.simulation.workload;

import java.time.Duration;

/** A member of a group of Kafka, as a sequence of processes. */
interface KafkaGroupMember {

    /** Starts a process, unless one runs. */
    void start();

    /** Ends the process without a message. */
    void kill();

    void leave();

    /** Suspends the process: nothing is sent, and answers wait. */
    void pause(Duration time);

    /** Commits each partition once more, and then only stays in the group. */
    void finish();

    /** Returns whether the member has a partition and has committed since {@link #finish}. */
    boolean hasEnded(int partition);
}

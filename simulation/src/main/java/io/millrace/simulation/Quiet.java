package io.millrace.simulation;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Silences the nodes, whose complaints about faults are what is to be expected here. */
final class Quiet {

    private static final Logger NODES = Logger.getLogger("io.millrace");

    private Quiet() {}

    /** For the life of this process. */
    static void logs() {
        NODES.setLevel(Level.OFF);
    }
}

package io.millrace.simulation;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Silences the nodes, whose complaints about faults are what is to be expected here. */
public final class SilentLogging {

    private static final Logger NODES = Logger.getLogger("io.millrace");

    private SilentLogging() {}

    /** For the life of this process. */
    public static void logs() {
        NODES.setLevel(Level.OFF);
    }
}

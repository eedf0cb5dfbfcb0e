package io.millrace.simulation;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Switches off the log output of the nodes: errors and warnings about injected faults are expected.
 */
public final class SilentLogging {

    private static final Logger NODES = Logger.getLogger("io.millrace");

    private SilentLogging() {}

    /** Switches the log output off until the end of this process. */
    public static void silence() {
        NODES.setLevel(Level.OFF);
    }
}

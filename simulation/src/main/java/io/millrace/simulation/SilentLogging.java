package io.millrace.simulation;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Switches off the log output of the nodes, which report injected faults, until the end of the
 * process.
 */
public final class SilentLogging {

    private static final Logger NODES = Logger.getLogger("io.millrace");

    private SilentLogging() {}

    public static void silence() {
        NODES.setLevel(Level.OFF);
    }
}

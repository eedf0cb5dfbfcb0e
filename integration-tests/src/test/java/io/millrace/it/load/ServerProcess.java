package io.millrace.it.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CPU time and memory of a server's process, from Linux's {@code /proc}.
 *
 * @param pid its number
 */
record ServerProcess(long pid) {

    /** The unit of the times in {@code /proc}, on all common systems. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    /** Returns the seconds of CPU used since the process started. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(file("stat"));
        // The name of the program, in parentheses, may contain spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]))
                / TICKS_PER_SECOND;
    }

    /** Returns the largest resident size so far, in MiB. */
    long peakMemoryMib() throws IOException {
        for (String line : Files.readAllLines(file("status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("no VmHWM in " + file("status"));
    }

    private Path file(String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}

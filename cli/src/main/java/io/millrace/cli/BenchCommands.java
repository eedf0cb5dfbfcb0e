package io.millrace.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands {@code bench produce|consume|end-to-end}. */
final class BenchCommands {

    private BenchCommands() {}

    static CommandLine of(Console console) {
        return new CommandLine(new Group());
    }

    @Command(
            name = "bench",
            description = "Measure a server's throughput and latency.",
            footerHeading = "%nExamples:%n",
            footer = "  millrace bench produce --partitions 100 --mode client")
    private static final class Group extends CommandGroup {}
}

package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.Console;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands {@code bench produce|consume|crowd|groups|end-to-end}. */
public final class BenchCommands {

    private BenchCommands() {}

    public static CommandLine of(Console console) {
        return new CommandLine(new Group())
                .addSubcommand(new BenchProduce(console))
                .addSubcommand(new BenchConsume(console))
                .addSubcommand(new BenchStress(console))
                .addSubcommand(new BenchGroups(console))
                .addSubcommand(new BenchEndToEnd(console));
    }

    @Command(
            name = "bench",
            description = "Measure a server's throughput and latency.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace bench produce --partitions 100 --mode client --duration 10",
                "  millrace bench consume --topic bench --passes 3 --http localhost:8080",
                "  millrace bench end-to-end --rate 1M"
            })
    private static final class Group extends CommandGroup {}
}

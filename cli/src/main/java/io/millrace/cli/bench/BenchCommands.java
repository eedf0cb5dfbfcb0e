package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.Subcommands;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands {@code bench produce|consume|crowd|groups|topics|end-to-end}. */
public final class BenchCommands {

    private BenchCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("produce", () -> new BenchProduce(console))
                .add("consume", () -> new BenchConsume(console))
                .add("crowd", () -> new BenchStress(console))
                .add("groups", () -> new BenchGroups(console))
                .add("topics", () -> new BenchTopics(console))
                .add("end-to-end", () -> new BenchEndToEnd(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "bench",
            description = "Measure a server's throughput and latency.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace bench produce --partitions 100 --mode client --duration 10",
                "  millrace bench consume --topic bench --passes 3 --management localhost:9990",
                "  millrace bench end-to-end --rate 1M"
            })
    private static final class Group extends CommandGroup {}
}

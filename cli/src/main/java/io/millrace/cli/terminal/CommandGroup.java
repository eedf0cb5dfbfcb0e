package io.millrace.cli.terminal;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that only has subcommands; without a subcommand, exits as wrong usage. */
public class CommandGroup implements Callable<Integer> {

    @Spec CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.root().commandLine().getErr());
        return ExitCode.USAGE;
    }
}

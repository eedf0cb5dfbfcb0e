package io.millrace.cli;

import io.millrace.cli.admin.AclCommands;
import io.millrace.cli.admin.BucketCommands;
import io.millrace.cli.admin.ClusterCommands;
import io.millrace.cli.admin.ClusterSubcommand;
import io.millrace.cli.admin.CostCommand;
import io.millrace.cli.admin.GroupCommands;
import io.millrace.cli.admin.QuotaCommands;
import io.millrace.cli.admin.TokenCommands;
import io.millrace.cli.admin.TopicCommands;
import io.millrace.cli.admin.UserCommands;
import io.millrace.cli.bench.BenchCommands;
import io.millrace.cli.records.ConsumeCommand;
import io.millrace.cli.records.ProduceCommand;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.OutputFailedException;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.cli.terminal.UncheckedOutputStream;
import io.millrace.cli.verify.VerifyCommand;
import io.millrace.client.error.MillraceException;
import io.millrace.runtime.tls.TlsFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The {@code millrace} command. The server adds subcommands. A command exits with 1 if its output
 * cannot be written. If the reader of a pipe has ended, as with {@code | head}, the result alone
 * determines the exit code.
 */
@Command(
        name = "millrace",
        description = "A streaming service on object storage.",
        subcommands = {CommandLine.HelpCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace topic create log --partitions 8",
            "  millrace produce log --file access.log",
            "  millrace consume log --from beginning",
            "",
            "Exit codes: 0 success; 1 rejected by the server, server unreachable, or"
                    + " output not writable; 2 wrong usage."
        })
public final class MillraceCommand implements Callable<Integer> {

    @Spec CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    private MillraceCommand() {}

    /**
     * @param more additional picocli subcommands, such as {@code up}
     * @return the exit code
     */
    public static int run(String[] args, Object... more) {
        return run(Console.ofProcess(), args, more);
    }

    public static int run(Console console, String[] args, Object... more) {
        return commandLine(console, List.of(args), more).execute(args);
    }

    /** Returns the command with all its subcommands. */
    public static CommandLine commandLine(Console console, Object... more) {
        return commandLine(console, List.of(), more);
    }

    private static Subcommands subcommands(Console console, Object... more) {
        List<ClusterSubcommand> ofCluster =
                Stream.of(more)
                        .filter(ClusterSubcommand.class::isInstance)
                        .map(ClusterSubcommand.class::cast)
                        .toList();
        Subcommands all =
                new Subcommands()
                        .addGroup("topic", rest -> TopicCommands.of(console, rest))
                        .addGroup("cluster", rest -> ClusterCommands.of(console, rest, ofCluster))
                        .addGroup("group", rest -> GroupCommands.of(console, rest))
                        .addGroup("bucket", rest -> BucketCommands.of(console, rest))
                        .addGroup("acl", rest -> AclCommands.of(console, rest))
                        .addGroup("quota", rest -> QuotaCommands.of(console, rest))
                        .addGroup("user", rest -> UserCommands.of(console, rest))
                        .addGroup("token", rest -> TokenCommands.of(console, rest))
                        .add("cost", () -> new CostCommand(console))
                        .add("produce", () -> new ProduceCommand(console))
                        .add("consume", () -> new ConsumeCommand(console))
                        .addGroup("bench", rest -> BenchCommands.of(console, rest))
                        .add("verify", () -> new VerifyCommand(console));
        for (Object each : more) {
            if (each instanceof ClusterSubcommand) {
                continue;
            }
            all.add(each.getClass().getAnnotation(Command.class).name(), () -> each);
        }
        return all;
    }

    private static CommandLine commandLine(
            Console console, List<String> arguments, Object... more) {
        CommandLine line =
                subcommands(console, more).addTo(new CommandLine(new MillraceCommand()), arguments);
        PrintWriter err = new PrintWriter(console.err(), true, StandardCharsets.UTF_8);
        line.setOut(
                new PrintWriter(
                        new UncheckedOutputStream(console.out()), true, StandardCharsets.UTF_8));
        line.setErr(err);
        abbreviate(line);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((wrong, args) -> wrongUsage(wrong, err));
        line.setExecutionStrategy(parsed -> runOrPrintHelp(parsed, err));
        line.setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown, err));
        return line;
    }

    private static int runOrPrintHelp(CommandLine.ParseResult parsed, PrintWriter err) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutputFailedException failed) {
            // Only the usage help fails here: exceptions of commands are wrapped.
            return failed.isBrokenPipe() ? ExitCode.DONE : rejected(failed.getMessage(), err);
        }
    }

    private static void abbreviate(CommandLine line) {
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
            abbreviate(command);
        }
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    private static int wrongUsage(CommandLine.ParameterException wrong, PrintWriter err) {
        CommandLine command = wrong.getCommandLine();
        err.println(sentence(wrong));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err)) {
            err.println(
                    "Try '" + command.getCommandSpec().qualifiedName() + " --help' for its usage.");
        }
        return ExitCode.USAGE;
    }

    private static String sentence(CommandLine.ParameterException wrong) {
        return String.valueOf(wrong.getMessage()).replace("option option", "option");
    }

    private static int failed(Exception thrown, PrintWriter err) throws Exception {
        return switch (thrown) {
            case OutputFailedException failure -> rejected(failure.getMessage(), err);
            case MillraceException failure -> rejected(failure.getMessage(), err);
            case TlsFileException failure -> rejected(failure.getMessage(), err);
            case CommandFailedException failure -> rejected(failure.getMessage(), err);
            case IOException failure -> rejected("Input or output failed: " + failure, err);
            default -> throw thrown;
        };
    }

    private static int rejected(@Nullable String message, PrintWriter err) {
        err.println(message);
        return ExitCode.FAILED;
    }
}

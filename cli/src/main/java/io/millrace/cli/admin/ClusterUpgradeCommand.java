package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.ClusterOperations.LevelChange;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code cluster upgrade}. */
@Command(
        name = "upgrade",
        description = {
            "Raise the feature level of the cluster, after all nodes run a new version of"
                    + " Millrace.",
            "Until then, the nodes can be rolled back to the old version. Afterwards, the old"
                    + " version does not start. The level cannot be lowered."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace cluster upgrade --dry-run",
            "  millrace cluster upgrade",
            "",
            "With --output json: {dryRun, before, after}. The exit code is 1 if a node does not"
                    + " support the level; the message names the nodes."
        })
final class ClusterUpgradeCommand extends ClientCommand {

    @Option(
            names = "--to",
            paramLabel = "LEVEL",
            description = "New feature level (default: the highest that all nodes support).")
    @Nullable Integer level;

    @Option(names = "--dry-run", description = "Show the result without any change.")
    boolean dryRun;

    ClusterUpgradeCommand(Console console) {
        super(console);
    }

    private record Upgraded(boolean dryRun, int before, int after) implements CommandResult {

        @Override
        public List<String> lines() {
            if (before == after) {
                return List.of(
                        "The feature level is %d, and nothing is to be raised.".formatted(before));
            }
            return List.of(
                    dryRun
                            ? "The feature level would be raised from %d to %d."
                                    .formatted(before, after)
                            : "The feature level was raised from %d to %d."
                                    .formatted(before, after));
        }
    }

    @Override
    public CommandResult run(MillraceClient client) {
        LevelChange change =
                client.cluster()
                        .upgrade(
                                level == null ? OptionalInt.empty() : OptionalInt.of(level),
                                dryRun);
        return new Upgraded(dryRun, change.before(), change.after());
    }
}

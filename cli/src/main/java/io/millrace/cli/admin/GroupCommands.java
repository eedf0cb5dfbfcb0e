package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupOperations;
import io.millrace.client.admin.OffsetReset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands {@code group list|describe|delete|reset}. */
public final class GroupCommands {

    private GroupCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("list", () -> new ListAll(console))
                .add("describe", () -> new Describe(console))
                .add("delete", () -> new Delete(console))
                .add("reset", () -> new Reset(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "group",
            description = "List, describe, delete and reset consumer groups.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace group list",
                "  millrace group describe billing",
                "  millrace group reset billing --topic orders --to beginning --dry-run"
            })
    private static final class Group extends CommandGroup {}

    @Command(
            name = "list",
            description = "List all consumer groups by id.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace group list",
                "",
                "The state is empty (no members), active, or uncoordinated: the coordinator's"
                        + " node is dead, and another node will take over soon.",
                "With --output json: {groups: [{group, state, protocol, coordinator, memberCount}]}."
            })
    private static final class ListAll extends ClientCommand {

        ListAll(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return new GroupTables.Listed(
                    client.groups().list().stream().map(GroupTables.GroupRow::of).toList());
        }
    }

    @Command(
            name = "describe",
            description = "Show a consumer group with its members, committed offsets and lag.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace group describe billing",
                "",
                "The lag is the number of offsets between the committed offset and the end, and"
                        + " the age of the first record in between. The age is estimated from record"
                        + " metadata; the record may be older, by the time span of the records stored"
                        + " next to it.",
                "Without a committed offset (-), the lag counts all readable records; a member"
                        + " that starts at the end has fewer to read.",
                "With --output json: {group, state, protocol, coordinator, memberCount,"
                        + " generation, members: [{member, instance, client, zone}], partitions: [{topic,"
                        + " partition, member, committed, metadata, logStartOffset, highWatermark,"
                        + " lagRecords, lagMs}]}, with null for unknown values."
            })
    private static final class Describe extends ClientCommand {

        @Parameters(paramLabel = "GROUP", description = "The group.")
        String group;

        Describe(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return GroupTables.Described.of(client.groups().describe(group));
        }
    }

    @Command(
            name = "delete",
            description = "Delete a consumer group without members, and its committed offsets.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace group delete billing", "", "With --output json: {deleted}."})
    private static final class Delete extends ClientCommand {

        @Parameters(paramLabel = "GROUP", description = "The group.")
        String group;

        Delete(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            client.groups().delete(group);
            return CommandResult.of(
                    Map.of("deleted", group), List.of("Deleted group " + group + "."));
        }
    }

    @Command(
            name = "reset",
            description = {
                "Change the committed offsets of a consumer group.",
                "The group must have no members. An offset outside the readable range is moved"
                        + " to the nearest readable offset."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace group reset billing --topic orders --to beginning --dry-run",
                "  millrace group reset billing --topic orders --to 2026-01-01T00:00:00Z",
                "  millrace group reset billing --topic orders --partition 3 --to -100",
                "",
                "With --output json: {group, topic, dryRun, partitions: [{partition, before,"
                        + " after, clamped, error}]}, with null for no offset and no error. The exit code"
                        + " is 1 if a partition could not be reset."
            })
    private static final class Reset extends ClientCommand {

        @Parameters(paramLabel = "GROUP", description = "The group.")
        String group;

        @Option(names = "--topic", paramLabel = "T", required = true, description = "The topic.")
        String topic;

        @Option(
                names = "--to",
                paramLabel = "TO",
                required = true,
                description = "New position: " + ResetTargetParser.SYNTAX + ".")
        String to;

        @Option(
                names = "--partition",
                paramLabel = "P",
                description =
                        "Partition to reset. May be repeated (default: all; with -N and +N all with a"
                                + " committed offset).")
        List<Integer> partitions = List.of();

        @Option(names = "--create", description = "Create the group if it does not exist.")
        boolean create;

        @Option(names = "--dry-run", description = "Show the result without any change.")
        boolean dryRun;

        Reset(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            OffsetReset.Target target = common.parsed("--to", to, ResetTargetParser::parse);
            partitions.forEach(partition -> common.atLeast("--partition", 0, partition));
            OffsetReset reset =
                    new OffsetReset(group, topic, target, new HashSet<>(partitions), create);
            List<GroupOperations.PartitionReset> moved =
                    dryRun ? client.groups().planReset(reset) : client.groups().reset(reset);
            return new GroupTables.Reset(
                    group, topic, dryRun, moved.stream().map(GroupTables.MovedRow::of).toList());
        }
    }
}

package io.millrace.cli.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands {@code topic create|list|describe|delete|add-partitions|set|reset|trim}. */
public final class TopicCommands {

    private TopicCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("create", () -> new Create(console))
                .add("list", () -> new ListAll(console))
                .add("describe", () -> new Describe(console))
                .add("delete", () -> new Delete(console))
                .add("add-partitions", () -> new AddPartitions(console))
                .add("set", () -> new TopicConfigCommands.SetValues(console))
                .add("reset", () -> new TopicConfigCommands.Reset(console))
                .add("trim", () -> new TopicTrimCommand(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    record TopicRow(String name, long id, int partitions, Map<String, String> config) {

        static TopicRow of(TopicOperations.Topic topic) {
            return new TopicRow(topic.name(), topic.id(), topic.partitionCount(), topic.config());
        }
    }

    @Command(
            name = "topic",
            description = "Create, list, describe, configure and delete topics.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic create log --partitions 8",
                "  millrace topic describe log --output json"
            })
    private static final class Group extends CommandGroup {}

    @Command(
            name = "create",
            description = "Create a topic.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic create log",
                "  millrace topic create log --partitions 8 --config retention.ms=86400000",
                "",
                "With --output json: {name, id, partitions, config}."
            })
    private static final class Create extends ClientCommand {

        @Parameters(
                paramLabel = "NAME",
                description = "Topic name: 1 to 249 characters of [a-zA-Z0-9._-].")
        String name;

        @Option(
                names = "--partitions",
                paramLabel = "N",
                defaultValue = "1",
                description = "Number of partitions (default: ${DEFAULT-VALUE}).")
        int partitions;

        @Option(
                names = "--config",
                paramLabel = "K=V",
                description = "A topic setting, such as compression.type=zstd. May be repeated.")
        Map<String, String> config = new LinkedHashMap<>();

        Create(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            common.atLeast("--partitions", 1, partitions);
            return CommandResult.of(
                    TopicRow.of(client.topics().create(name, partitions, config)),
                    List.of(
                            "Created topic %s with %d partition%s."
                                    .formatted(name, partitions, partitions == 1 ? "" : "s")));
        }
    }

    @Command(
            name = "list",
            description = "List all topics by name.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic list",
                "",
                "With --output json: {topics: [{name, id, partitions, config}]}."
            })
    private static final class ListAll extends ClientCommand {

        ListAll(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return new Listed(client.topics().list().stream().map(TopicRow::of).toList());
        }

        private record Listed(List<TopicRow> topics) implements CommandResult {

            @Override
            public List<String> lines() {
                return topics.stream().map(each -> each.name() + "\t" + each.partitions()).toList();
            }
        }
    }

    @Command(
            name = "describe",
            description = "Show a topic, its settings and its partitions.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic describe log",
                "",
                "With --output json: {name, id, partitions, config, partitionList: [{partition,"
                        + " logStartOffset, highWatermark, sizeBytes}], settings: [{key, value,"
                        + " given, default, unit, legal, meaning}]}."
            })
    private static final class Describe extends ClientCommand {

        @Parameters(paramLabel = "NAME", description = "The topic.")
        String name;

        Describe(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            TopicOperations.Description found = client.topics().describe(name);
            TopicRow topic = TopicRow.of(found.topic());
            return new Described(
                    topic.name(),
                    topic.id(),
                    topic.partitions(),
                    topic.config(),
                    found.partitions().stream().map(PartitionRow::of).toList(),
                    found.settings().stream().map(SettingRow::of).toList());
        }

        private record PartitionRow(
                int partition, long logStartOffset, long highWatermark, long sizeBytes) {

            static PartitionRow of(TopicOperations.Partition partition) {
                return new PartitionRow(
                        partition.number(),
                        partition.logStartOffset(),
                        partition.highWatermark(),
                        partition.sizeBytes());
            }

            String line() {
                return "%d\t%d\t%d\t%d"
                        .formatted(partition, logStartOffset, highWatermark, sizeBytes);
            }
        }

        private record SettingRow(
                String key,
                String value,
                boolean given,
                @JsonProperty("default") String fallback,
                String unit,
                String legal,
                String meaning) {

            static SettingRow of(TopicOperations.Setting setting) {
                return new SettingRow(
                        setting.key(),
                        setting.value(),
                        setting.given(),
                        setting.defaultValue(),
                        setting.unit(),
                        setting.legal(),
                        setting.meaning());
            }

            String line() {
                return "%s\t%s\t%s\t%s\t%s: %s"
                        .formatted(
                                key,
                                value,
                                unit.isEmpty() ? "-" : unit,
                                given ? "yes" : "no",
                                meaning,
                                legal);
            }
        }

        private record Described(
                String name,
                long id,
                int partitions,
                Map<String, String> config,
                List<PartitionRow> partitionList,
                List<SettingRow> settings)
                implements CommandResult {

            @Override
            public List<String> lines() {
                List<String> lines = new ArrayList<>();
                lines.add("%s: id %d, %d partition(s)".formatted(name, id, partitions));
                lines.add("setting\tvalue\tunit\tgiven\tmeaning");
                settings.forEach(each -> lines.add(each.line()));
                lines.add("partition\tfirst offset\tnext offset\tbytes");
                partitionList.forEach(each -> lines.add(each.line()));
                return lines;
            }
        }
    }

    @Command(
            name = "delete",
            description = "Delete a topic and its data.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace topic delete log", "", "With --output json: {deleted}."})
    private static final class Delete extends ClientCommand {

        @Parameters(paramLabel = "NAME", description = "The topic.")
        String name;

        Delete(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            client.topics().delete(name);
            return CommandResult.of(
                    Map.of("deleted", name), List.of("Deleted topic " + name + "."));
        }
    }

    @Command(
            name = "add-partitions",
            description = {
                "Increase the number of partitions of a topic.",
                "Keys may map to different partitions afterwards."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic add-partitions log 16",
                "",
                "With --output json: {name, id, partitions, config}."
            })
    private static final class AddPartitions extends ClientCommand {

        @Parameters(index = "0", paramLabel = "NAME", description = "The topic.")
        String name;

        @Parameters(index = "1", paramLabel = "N", description = "New total number of partitions.")
        int count;

        AddPartitions(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            if (count < 1) {
                throw common.usage("N must be at least 1, not " + count + ".");
            }
            TopicRow topic = TopicRow.of(client.topics().addPartitions(name, count));
            return CommandResult.of(
                    topic,
                    List.of("Topic %s has %d partitions.".formatted(name, topic.partitions())));
        }
    }
}

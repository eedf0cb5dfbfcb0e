package io.millrace.cli;

import io.millrace.client.MillraceClient;
import io.millrace.client.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands {@code topic create|list|describe|delete|add-partitions|set|reset|trim}. */
final class TopicCommands {

    private TopicCommands() {}

    static CommandLine of(Console console) {
        return new CommandLine(new Group())
                .addSubcommand(new Create(console))
                .addSubcommand(new ListAll(console))
                .addSubcommand(new Describe(console))
                .addSubcommand(new Delete(console))
                .addSubcommand(new AddPartitions(console))
                .addSubcommand(new TopicConfigCommands.SetValues(console))
                .addSubcommand(new TopicConfigCommands.Reset(console))
                .addSubcommand(new TopicTrimCommand(console));
    }

    static Map<String, Object> json(Topics.Topic topic) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", topic.name());
        json.put("id", topic.id());
        json.put("partitions", topic.partitionCount());
        json.put("config", topic.config());
        return json;
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
    private static final class Create implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        @Parameters(paramLabel = "NAME", description = "1 to 249 of [a-zA-Z0-9._-].")
        String name;

        @Option(
                names = "--partitions",
                paramLabel = "N",
                defaultValue = "1",
                description = "How many partitions (default: ${DEFAULT-VALUE}).")
        int partitions;

        @Option(
                names = "--config",
                paramLabel = "K=V",
                description = "A setting, such as compression.type=zstd. May be repeated.")
        Map<String, String> config = new LinkedHashMap<>();

        Create(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            common.atLeast("--partitions", 1, partitions);
            try (MillraceClient client = common.connect()) {
                Topics.Topic topic = client.topics().create(name, partitions, config);
                if (common.json()) {
                    console.json(json(topic));
                } else {
                    console.line(
                            "Created topic %s with %d partition%s."
                                    .formatted(name, partitions, partitions == 1 ? "" : "s"));
                }
            }
            return 0;
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
    private static final class ListAll implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        ListAll(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            try (MillraceClient client = common.connect()) {
                List<Topics.Topic> topics = client.topics().list();
                if (common.json()) {
                    console.json(
                            Map.of("topics", topics.stream().map(TopicCommands::json).toList()));
                } else {
                    topics.forEach(
                            topic -> console.line(topic.name() + "\t" + topic.partitionCount()));
                }
            }
            return 0;
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
    private static final class Describe implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        @Parameters(paramLabel = "NAME", description = "The topic.")
        String name;

        Describe(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            try (MillraceClient client = common.connect()) {
                Topics.Description found = client.topics().describe(name);
                if (common.json()) {
                    console.json(describe(found));
                } else {
                    text(found);
                }
            }
            return 0;
        }

        private static Map<String, Object> describe(Topics.Description found) {
            Map<String, Object> json = json(found.topic());
            List<Map<String, Object>> partitions = new ArrayList<>();
            for (Topics.Partition each : found.partitions()) {
                Map<String, Object> partition = new LinkedHashMap<>();
                partition.put("partition", each.number());
                partition.put("logStartOffset", each.logStartOffset());
                partition.put("highWatermark", each.highWatermark());
                partition.put("sizeBytes", each.sizeBytes());
                partitions.add(partition);
            }
            json.put("partitionList", partitions);
            json.put("settings", found.settings().stream().map(Describe::setting).toList());
            return json;
        }

        private static Map<String, Object> setting(Topics.Setting setting) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("key", setting.key());
            json.put("value", setting.value());
            json.put("given", setting.given());
            json.put("default", setting.defaultValue());
            json.put("unit", setting.unit());
            json.put("legal", setting.legal());
            json.put("meaning", setting.meaning());
            return json;
        }

        private void text(Topics.Description found) {
            Topics.Topic topic = found.topic();
            console.line(
                    "%s: id %d, %d partition(s)"
                            .formatted(topic.name(), topic.id(), topic.partitionCount()));
            console.line("setting\tvalue\tunit\tgiven\tmeaning");
            for (Topics.Setting each : found.settings()) {
                console.line(
                        "%s\t%s\t%s\t%s\t%s: %s"
                                .formatted(
                                        each.key(),
                                        each.value(),
                                        each.unit().isEmpty() ? "-" : each.unit(),
                                        each.given() ? "yes" : "no",
                                        each.meaning(),
                                        each.legal()));
            }
            console.line("partition\tfirst offset\tnext offset\tbytes");
            for (Topics.Partition each : found.partitions()) {
                console.line(
                        "%d\t%d\t%d\t%d"
                                .formatted(
                                        each.number(),
                                        each.logStartOffset(),
                                        each.highWatermark(),
                                        each.sizeBytes()));
            }
        }
    }

    @Command(
            name = "delete",
            description = "Delete a topic and its data.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace topic delete log", "", "With --output json: {deleted}."})
    private static final class Delete implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        @Parameters(paramLabel = "NAME", description = "The topic.")
        String name;

        Delete(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            try (MillraceClient client = common.connect()) {
                client.topics().delete(name);
                if (common.json()) {
                    console.json(Map.of("deleted", name));
                } else {
                    console.line("Deleted topic " + name + ".");
                }
            }
            return 0;
        }
    }

    @Command(
            name = "add-partitions",
            description = {
                "Give a topic more partitions.",
                "Keys may map to other partitions afterwards."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic add-partitions log 16",
                "",
                "With --output json: {name, id, partitions, config}."
            })
    private static final class AddPartitions implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        @Parameters(index = "0", paramLabel = "NAME", description = "The topic.")
        String name;

        @Parameters(index = "1", paramLabel = "N", description = "How many it should have in all.")
        int count;

        AddPartitions(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            if (count < 1) {
                throw common.usage("N is at least 1, not " + count + ".");
            }
            try (MillraceClient client = common.connect()) {
                Topics.Topic topic = client.topics().addPartitions(name, count);
                if (common.json()) {
                    console.json(json(topic));
                } else {
                    console.line(
                            "Topic %s has %d partitions.".formatted(name, topic.partitionCount()));
                }
            }
            return 0;
        }
    }
}

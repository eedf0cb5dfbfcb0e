package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands {@code topic set|reset}. */
final class TopicConfigCommands {

    private TopicConfigCommands() {}

    private abstract static class Change extends ClientCommand {

        @Parameters(index = "0", paramLabel = "NAME", description = "The topic.")
        String name;

        Change(Console console) {
            super(console);
        }

        final CommandResult change(
                MillraceClient client, Map<String, String> set, Set<String> reset) {
            TopicOperations.Topic topic = client.topics().configure(name, set, reset);
            List<String> lines = new ArrayList<>();
            set.forEach(
                    (key, value) -> lines.add("Topic %s has %s=%s.".formatted(name, key, value)));
            reset.forEach(
                    key -> lines.add("Topic %s uses the default of %s.".formatted(name, key)));
            return CommandResult.of(TopicCommands.TopicRow.of(topic), lines);
        }
    }

    @Command(
            name = "set",
            description = {
                "Change settings of a topic. Either all given settings are changed or none.",
                "'millrace topic describe' lists the settings."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic set log retention.ms=86400000 retention.bytes=1073741824",
                "",
                "With --output json: {name, id, partitions, config}."
            })
    static final class SetValues extends Change {
        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "K=V",
                description = "A topic setting, such as retention.ms=86400000.")
        Map<String, String> values = new LinkedHashMap<>();

        SetValues(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return change(client, values, Set.of());
        }
    }

    @Command(
            name = "reset",
            description = "Reset settings of a topic to their defaults.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace topic reset log retention.ms",
                "",
                "With --output json: {name, id, partitions, config}."
            })
    static final class Reset extends Change {
        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "K",
                description = "A topic setting, such as retention.ms.")
        List<String> keys = List.of();

        Reset(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return change(client, Map.of(), new LinkedHashSet<>(keys));
        }
    }
}

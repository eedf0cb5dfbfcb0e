package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.StartPositionParser;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code topic trim}. */
@Command(
        name = "trim",
        description = {
            "Delete the oldest records of a topic, up to an offset or a time, for all"
                    + " consumers.",
            "Deleted records cannot be restored."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace topic trim log --to 2026-01-01T00:00:00Z --dry-run",
            "  millrace topic trim log --partition 3 --to 1000",
            "  millrace topic trim log --to end",
            "",
            "With --output json: {topic, dryRun, partitions: [{partition, before, after,"
                    + " error}]}, with null for no error. The exit code is 1 if a partition could not"
                    + " be trimmed."
        })
final class TopicTrimCommand extends ClientCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name;

    @Option(
            names = "--to",
            paramLabel = "TO",
            required = true,
            description = "First record to keep: " + StartPositionParser.SYNTAX + ".")
    String to;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description = "Partition to trim. May be repeated (default: all).")
    List<Integer> partitions = List.of();

    @Option(names = "--dry-run", description = "Show the result without any change.")
    boolean dryRun;

    TopicTrimCommand(Console console) {
        super(console);
    }

    private record Row(int partition, long before, long after, @Nullable String error) {

        String line() {
            return "%d\t%d\t%d%s"
                    .formatted(partition, before, after, error == null ? "" : "\tfailed: " + error);
        }
    }

    private record Trimmed(String topic, boolean dryRun, List<Row> partitions)
            implements CommandResult {

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("partition\tfirst offset before\tfirst offset");
            partitions.forEach(row -> lines.add(row.line()));
            if (dryRun) {
                lines.add("Nothing was changed.");
            }
            return lines;
        }

        @Override
        public int exitCode() {
            return partitions.stream().allMatch(row -> row.error() == null)
                    ? ExitCode.DONE
                    : ExitCode.FAILED;
        }
    }

    @Override
    public CommandResult run(MillraceClient client) {
        StartPosition target = common.parsed("--to", to, StartPositionParser::parse);
        partitions.forEach(partition -> common.atLeast("--partition", 0, partition));
        Map<Integer, TopicOperations.Partition> known = new TreeMap<>();
        client.topics().describe(name).partitions().forEach(each -> known.put(each.number(), each));
        for (int partition : partitions) {
            if (!known.containsKey(partition)) {
                throw new CommandFailedException(
                        "Topic %s has no partition %d: partitions are 0 to %d."
                                .formatted(name, partition, known.size() - 1));
            }
        }
        if (!partitions.isEmpty()) {
            known.keySet().retainAll(partitions);
        }
        return new Trimmed(name, dryRun, trim(client, known, offsets(client, known, target)));
    }

    private Map<Integer, Long> offsets(
            MillraceClient client,
            Map<Integer, TopicOperations.Partition> known,
            StartPosition target) {
        Map<Integer, Long> offsets = new TreeMap<>();
        try (Reader reader = client.reader(ReaderSettings.defaults(), Map.of())) {
            for (int partition : known.keySet()) {
                offsets.put(
                        partition, reader.offsetOf(new TopicPartition(name, partition), target));
            }
        }
        return offsets;
    }

    private List<Row> trim(
            MillraceClient client,
            Map<Integer, TopicOperations.Partition> known,
            Map<Integer, Long> offsets) {
        Map<Integer, TopicOperations.PartitionTrimResult> trimmed =
                dryRun ? Map.of() : client.topics().trim(name, offsets);
        List<Row> rows = new ArrayList<>();
        offsets.forEach((partition, offset) -> {
            TopicOperations.Partition before = known.get(partition);
            long start = before == null ? 0 : before.logStartOffset();
            long end = before == null ? Long.MAX_VALUE : before.highWatermark();
            TopicOperations.PartitionTrimResult after = trimmed.get(partition);
            rows.add(
                    after == null
                            ? dryRunResult(partition, start, offset, end)
                            : new Row(
                                    partition,
                                    start,
                                    after.problem().isPresent() ? start : after.logStartOffset(),
                                    after.problem().map(why -> why.message()).orElse(null)));
        });
        return rows;
    }

    private static Row dryRunResult(int partition, long start, long offset, long end) {
        return offset > end
                ? new Row(
                        partition,
                        start,
                        start,
                        "the end offset is %d: trim to at most that offset".formatted(end))
                : new Row(partition, start, Math.max(start, offset), null);
    }
}

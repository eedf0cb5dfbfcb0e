package io.millrace.cli.records;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.OutputFailedException;
import io.millrace.cli.terminal.StartPositionParser;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.subscription.SubscriptionSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code consume}. */
@Command(
        name = "consume",
        description = {
            "Write records to standard output.",
            "Without --follow, reads up to the end offsets at the start of the command."
                    + " Records of a partition are in order; partitions are interleaved.",
            "With --group, joins the consumer group, starts at the committed offsets,"
                    + " commits written records every second, and waits for more. On SIGINT, commits"
                    + " and leaves the group. After kill -9, uncommitted records are delivered again"
                    + " to other members."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace consume log",
            "  millrace consume log --partition 3 --from 1000 --max 10",
            "  millrace consume log --from 2026-01-01T00:00:00Z --format json",
            "  millrace consume log --from end --follow",
            "  millrace consume log audit --group g",
            "  millrace consume --pattern 'log-.*' --group g --from end",
            "",
            "--format value writes the unchanged bytes of each value and a newline; a"
                    + " record without a value (a tombstone) is an empty line, or NULL with -Z."
                    + " --format json writes one object per line: {topic, partition, offset, timestamp, key,"
                    + " value, headers: [{key, value}]}, with the timestamp in milliseconds since"
                    + " 1970. Keys and values are text, null if missing, or {\"base64\": ...} if not"
                    + " UTF-8.",
            "--output has no effect. After SIGINT the exit code is 130. If the next command"
                    + " of a pipe ends, as with | head, consume ends with 0. If a record cannot be"
                    + " written for any other reason, the exit code is 1."
        })
public final class ConsumeCommand implements Callable<Integer> {

    enum Format {
        value,
        json
    }

    private final Console console;
    @Mixin ConnectionOptions common;

    @Parameters(
            paramLabel = "TOPIC",
            arity = "0..*",
            description = "The topic. With --group: several topics, or none with --pattern.")
    List<String> topics = List.of();

    @Mixin MemberOptions member;

    @Option(
            names = "--from",
            paramLabel = "FROM",
            defaultValue = "beginning",
            description =
                    "Start position: "
                            + StartPositionParser.SYNTAX
                            + " (default: ${DEFAULT-VALUE}). With --group, used only for partitions without a"
                            + " committed offset, and must not be an offset.")
    String from;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description = "Partition to read (default: all).")
    @Nullable Integer partition;

    @Option(names = "--max", paramLabel = "N", description = "Maximum number of records.")
    @Nullable Long max;

    @Option(
            names = "--format",
            paramLabel = "value|json",
            defaultValue = "value",
            description = "Output format of records (default: ${DEFAULT-VALUE}).")
    Format format;

    @Option(
            names = {"-Z", "--show-tombstones"},
            description = "With --format value, write NULL for a record without a value.")
    boolean showTombstones;

    @Option(names = "--follow", description = "Wait for new records at the end.")
    boolean follow;

    public ConsumeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        StartPosition start;
        try {
            start = StartPositionParser.parse(from);
        } catch (IllegalArgumentException wrong) {
            throw common.usage("--from: " + wrong.getMessage());
        }
        if (max != null && max < 0) {
            throw common.usage("--max must not be negative.");
        }
        if (partition != null && partition < 0) {
            throw common.usage("--partition must not be negative.");
        }
        try {
            return member.hasGroup() ? consumeInGroup(start) : consumeAlone(start);
        } catch (OutputFailedException failed) {
            if (failed.isBrokenPipe()) {
                return ExitCode.DONE;
            }
            throw failed;
        }
    }

    private int consumeAlone(StartPosition start) {
        member.requireUnused(common);
        if (topics.size() != 1) {
            throw common.usage(
                    "Without --group, consume needs exactly one topic, not " + topics.size());
        }
        String topic = topics.getFirst();
        try (MillraceClient client = common.connect()) {
            Map<TopicPartition, Long> ends = endOffsets(topic, client.topics().describe(topic));
            Map<TopicPartition, StartPosition> starts = new LinkedHashMap<>();
            ends.keySet().forEach(id -> starts.put(id, start));
            RecordPrinter writer = writer();
            if (max == null || max > 0) {
                copy(client, starts, ends, writer);
            }
            writer.flush();
        }
        return ExitCode.DONE;
    }

    private int consumeInGroup(StartPosition start) {
        if (partition != null) {
            throw common.usage(
                    "--partition cannot be used with --group, which assigns the partitions.");
        }
        SubscriptionSettings settings = member.settings(common, topics, start);
        try (MillraceClient client = common.connect()) {
            // Fails at once on errors of server or topics.
            if (topics.isEmpty()) {
                client.describeCluster();
            }
            topics.forEach(client.topics()::describe);
            if (max == null || max > 0) {
                RecordPrinter writer = writer();
                new GroupConsumer(writer, max == null ? Long.MAX_VALUE : max, console.err())
                        .run(client, settings);
            }
        }
        return ExitCode.DONE;
    }

    private RecordPrinter writer() {
        return new RecordPrinter(console.out(), format, showTombstones ? "NULL" : "");
    }

    private Map<TopicPartition, Long> endOffsets(String topic, TopicOperations.Description found) {
        Map<TopicPartition, Long> ends = new TreeMap<>();
        for (TopicOperations.Partition each : found.partitions()) {
            if (partition == null || partition == each.number()) {
                ends.put(new TopicPartition(topic, each.number()), each.highWatermark());
            }
        }
        if (ends.isEmpty()) {
            throw new CommandFailedException(
                    "Topic %s has no partition %d: partitions are 0 to %d."
                            .formatted(topic, partition, found.partitions().size() - 1));
        }
        return ends;
    }

    private void copy(
            MillraceClient client,
            Map<TopicPartition, StartPosition> starts,
            Map<TopicPartition, Long> ends,
            RecordPrinter writer) {
        Map<TopicPartition, StartPosition> wanted = new LinkedHashMap<>(starts);
        if (!follow) {
            dropFinished(client, wanted, ends);
        }
        Map<TopicPartition, Long> left = new TreeMap<>(ends);
        left.keySet().retainAll(wanted.keySet());
        if (wanted.isEmpty()) {
            return;
        }
        long remaining = max == null ? Long.MAX_VALUE : max;
        try (Reader reader = client.reader(ReaderSettings.defaults(), wanted)) {
            while (remaining > 0 && (follow || !left.isEmpty())) {
                List<ReadBatch> batches = reader.poll(Duration.ofMillis(100));
                if (batches.isEmpty()) {
                    writer.flush();
                }
                for (ReadBatch batch : batches) {
                    remaining -= write(batch, left, writer, remaining);
                }
                if (!follow) {
                    left.entrySet()
                            .removeIf(end -> reader.position(end.getKey()) >= end.getValue());
                }
            }
        }
    }

    /** Removes the partitions without records between start and end. */
    private void dropFinished(
            MillraceClient client,
            Map<TopicPartition, StartPosition> wanted,
            Map<TopicPartition, Long> ends) {
        try (Reader lookUp = client.reader(ReaderSettings.defaults(), Map.of())) {
            wanted.entrySet()
                    .removeIf(each -> {
                        long end = ends.getOrDefault(each.getKey(), 0L);
                        boolean beyond =
                                each.getValue() instanceof StartPosition.Offset(long offset)
                                        && offset > end;
                        // The server's error names the valid range.
                        return !beyond && lookUp.offsetOf(each.getKey(), each.getValue()) >= end;
                    });
        }
    }

    private long write(
            ReadBatch batch, Map<TopicPartition, Long> ends, RecordPrinter writer, long atMost) {
        long written = 0;
        long end = follow ? Long.MAX_VALUE : ends.getOrDefault(batch.partition(), 0L);
        if (batch.baseOffset() >= end) {
            return 0;
        }
        for (ReadRecord record : batch) {
            if (written == atMost || record.offset() >= end) {
                break;
            }
            writer.write(record);
            written++;
        }
        return written;
    }
}

package io.millrace.cli.bench;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.ReadBatch;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench consume}. */
@Command(
        name = "consume",
        description = "Measure read throughput; checksums are verified, records are not decoded.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench consume --from-cache --passes 3 --management localhost:9990",
            "",
            "With --output json: the same fields as in text output."
        })
final class BenchConsume implements Callable<Integer> {

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench",
            description = "Topic (default: ${DEFAULT-VALUE}).")
    String topic;

    @Option(names = "--from-cache", description = "Read everything once before the measurement.")
    boolean fromCache;

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of passes over all records (default: ${DEFAULT-VALUE}).")
    int passes;

    @Option(
            names = "--fetch-size",
            paramLabel = "SIZE",
            defaultValue = "4Mi",
            description = "Maximum bytes of a fetch (default: ${DEFAULT-VALUE}).")
    String fetchSize;

    @Mixin ManagementOptions management;

    private long bytes;
    private long records;

    BenchConsume(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        common.atLeast("--passes", 1, passes);
        int fetchBytes = common.size("--fetch-size", fetchSize, 1);
        ReaderSettings settings =
                common.parsed(
                        "--fetch-size",
                        fetchSize,
                        size -> ReaderSettings.defaults().withFetchBytes(fetchBytes));
        try (MillraceClient client = common.connect()) {
            if (fromCache) {
                pass(client, settings);
            }
            bytes = 0;
            records = 0;
            ServerMetrics before = management.read();
            long start = RatePacer.now();
            for (int i = 0; i < passes; i++) {
                pass(client, settings);
            }
            double seconds = (RatePacer.now() - start) / 1e9;
            return common.print(
                    console,
                    new MeasurementReport()
                            .put("passes", passes)
                            .throughput(bytes, records, seconds)
                            .putAll(management.read().usageSince(before, bytes)));
        }
    }

    private void pass(MillraceClient client, ReaderSettings settings) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        Map<TopicPartition, StartPosition> starts = new HashMap<>();
        for (TopicOperations.Partition each : client.topics().describe(topic).partitions()) {
            if (each.highWatermark() > each.logStartOffset()) {
                TopicPartition id = new TopicPartition(topic, each.number());
                ends.put(id, each.highWatermark());
                starts.put(id, StartPosition.beginning());
            }
        }
        try (Reader reader = client.reader(settings, starts)) {
            while (!ends.isEmpty()) {
                for (ReadBatch batch : reader.poll(Duration.ofSeconds(1))) {
                    bytes += batch.sizeBytes();
                    records += batch.recordCount();
                    Long end = ends.get(batch.partition());
                    if (end != null && batch.nextOffset() >= end) {
                        ends.remove(batch.partition());
                    }
                }
            }
        }
    }
}

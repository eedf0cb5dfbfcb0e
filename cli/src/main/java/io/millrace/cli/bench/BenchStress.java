package io.millrace.cli.bench;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.terminal.SizeConverter;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.client.MillraceClient;
import io.millrace.runtime.SystemAccess;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.record.internal.CompressionType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench crowd}. */
@Command(
        name = "crowd",
        description = "Load a server with many connections and measure its memory.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench crowd --producers 200 --stuck-readers 50 --management localhost:9990",
            "",
            "Each producer has a connection and sends at the maximum rate. Connections are"
                    + " distributed over the",
            "addresses of --server; stuck readers",
            "fetch up to 64 MiB and read nothing. Each reader keeps --fetches fetches open.",
            "With --output json: the same fields as in text output."
        })
@SystemAccess("waits for the end of the load")
final class BenchStress implements Callable<Integer> {

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(names = "--topic", defaultValue = "crowd", description = "Topic, created if missing.")
    String topic;

    @Option(
            names = "--partitions",
            defaultValue = "10000",
            description = "Number of partitions of a new topic.")
    int partitions;

    @Option(
            names = "--producers",
            defaultValue = "200",
            description = "Number of producer connections.")
    int producers;

    @Option(
            names = "--stuck-readers",
            defaultValue = "50",
            description = "Number of connections that fetch and do not read.")
    int stuckReaders;

    @Option(
            names = "--fetches",
            defaultValue = "4",
            description = "Number of fetches per stuck reader.")
    int fetches;

    @Option(
            names = "--batch-size",
            defaultValue = "256Ki",
            description = "Size of a batch in bytes.")
    String batchSize;

    @Option(names = "--duration", defaultValue = "30", description = "Seconds.")
    int durationSeconds;

    @Mixin ManagementOptions management;

    BenchStress(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        int batchBytes;
        try {
            batchBytes = (int) SizeConverter.parse(batchSize);
        } catch (IllegalArgumentException wrong) {
            throw common.usage(wrong.getMessage() + ".");
        }
        List<Payloads.ReadyBatch> batches =
                Payloads.batches(Payloads.noise(1024), batchBytes, CompressionType.NONE);
        int count;
        try (MillraceClient client = common.connect()) {
            count = TopicSetup.ensure(client, topic, partitions);
        }
        ServerMetrics before = management.read();
        long directPeak = 0;
        long heapPeak = 0;
        try (StressConnections crowd =
                new StressConnections(common.servers(), common.security(), topic, count, batches)) {
            for (int i = 0; i < producers; i++) {
                crowd.addProducer(i);
            }
            long start = RatePacer.now();
            for (int second = 0; second < durationSeconds; second++) {
                Thread.sleep(1000);
                if (second == durationSeconds / 4) {
                    // The producers have written something to fetch by now.
                    for (int i = 0; i < stuckReaders; i++) {
                        crowd.addStuckReader(i, fetches);
                    }
                }
                ServerMetrics now = management.read();
                directPeak = Math.max(directPeak, now.value("millrace_process_direct_bytes"));
                heapPeak = Math.max(heapPeak, now.value("millrace_process_heap_bytes"));
            }
            double seconds = (RatePacer.now() - start) / 1e9;
            return common.print(
                    console,
                    new MeasurementReport()
                            .put("partitions", count)
                            .put("producers", producers)
                            .put("stuckReaders", stuckReaders)
                            .throughput(crowd.storedBytes(), crowd.storedBatches(), seconds)
                            .put("refused", crowd.rejected())
                            .put("brokenStreams", crowd.endedStreams())
                            .put("serverDirectPeakBytes", directPeak)
                            .put("serverHeapPeakBytes", heapPeak)
                            .putAll(management.read().usageSince(before, crowd.storedBytes())));
        }
    }
}

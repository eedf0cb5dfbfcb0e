package io.millrace.cli.bench;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench topics}. */
@Command(
        name = "topics",
        description = "Measure the rate and latency of topic creations.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench topics --count 100000 --partitions 10 --parallel 256 --management"
                    + " localhost:9990",
            "",
            "Creates the topics PREFIX0, PREFIX1, ... and keeps them. With --management also prints the",
            "longest task of the server's event loop meanwhile. With --output json: the same"
                    + " fields",
            "as in text output; latencies in milliseconds."
        })
final class BenchTopics implements Callable<Integer> {

    /** Far below the window in which the server keeps its longest task. */
    private static final long READ_METRICS_NANOS = 20_000_000_000L;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            defaultValue = "bench-topic-",
            description = "First characters of the names (default: ${DEFAULT-VALUE}).")
    String prefix;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Number of topics (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of partitions of each topic (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "64",
            description = "Maximum number of unanswered requests (default: ${DEFAULT-VALUE}).")
    int parallel;

    @Mixin ManagementOptions management;

    private final ConcurrentHistogram latencyMicros = new ConcurrentHistogram(3);
    private final AtomicReference<@Nullable MillraceException> failure = new AtomicReference<>();
    private double longestTaskSeconds;
    private long metricsReadNanos;

    BenchTopics(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        common.atLeast("--count", 1, count);
        common.atLeast("--partitions", 1, partitions);
        common.atLeast("--parallel", 1, parallel);
        long start = RatePacer.now();
        metricsReadNanos = start;
        try (MillraceClient client = common.connect()) {
            createAll(client);
        }
        double seconds = (RatePacer.now() - start) / 1e9;
        MillraceException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        MeasurementReport measured =
                new MeasurementReport()
                        .put("topics", count)
                        .put("partitionsOfEach", partitions)
                        .put("seconds", ServerMetrics.round(seconds))
                        .put("topicsPerSecond", Math.round(count / seconds))
                        .latency("latencyMs", latencyMicros);
        if (management.isGiven()) {
            readLongestTask();
            measured.put("longestTaskMs", ServerMetrics.round(longestTaskSeconds * 1000));
        }
        return common.print(console, measured);
    }

    private void createAll(MillraceClient client) throws InterruptedException {
        Semaphore unanswered = new Semaphore(parallel);
        for (int i = 0; i < count && failure.get() == null; i++) {
            unanswered.acquire();
            long sent = RatePacer.now();
            var unused =
                    client.topics()
                            .createAsync(prefix + i, partitions, Map.of())
                            .whenComplete((created, failed) -> {
                                if (failed == null) {
                                    latencyMicros.recordValue((RatePacer.now() - sent) / 1000);
                                } else {
                                    failure.compareAndSet(null, UnaryCalls.failureOf(failed));
                                }
                                unanswered.release();
                            });
            if (management.isGiven() && sent - metricsReadNanos > READ_METRICS_NANOS) {
                readLongestTask();
            }
        }
        unanswered.acquire(parallel);
    }

    private void readLongestTask() {
        metricsReadNanos = RatePacer.now();
        longestTaskSeconds =
                Math.max(
                        longestTaskSeconds,
                        management
                                .read()
                                .values()
                                .getOrDefault("millrace_loop_task_seconds_max", 0.0));
    }
}

package io.millrace.cli.bench;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.DeliveryListener;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench end-to-end}. */
@Command(
        name = "end-to-end",
        description = "Measure the latency from a record's due time to its delivery.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench end-to-end --rate 1M --duration 10",
            "  millrace bench end-to-end --group g --duration 30",
            "",
            "latencyMs counts from the due time of a record, storedToDeliveredMs from",
            "the acknowledgement to its producer.",
            "With --output json: the same fields as in text output."
        })
final class BenchEndToEnd implements Callable<Integer> {

    private static final Duration FINAL_WAIT = Duration.ofSeconds(10);

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench-e2e",
            description = "Topic, created if missing (default: ${DEFAULT-VALUE}).")
    String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of partitions of a new topic (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--record-size",
            paramLabel = "SIZE",
            defaultValue = "1Ki",
            description = "Size of a value in bytes (default: ${DEFAULT-VALUE}).")
    String recordSize;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "1M",
            description = "Bytes a second, or records a second as 10l (default: ${DEFAULT-VALUE}).")
    String rate;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Duration in seconds (default: ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--linger",
            paramLabel = "MS",
            defaultValue = "5",
            description = "Linger of the producers in milliseconds (default: ${DEFAULT-VALUE}).")
    int lingerMs;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "Duration in seconds of the warm-up at a quarter of the rate (default:"
                            + " ${DEFAULT-VALUE}).")
    int warmUpSeconds;

    @Option(
            names = "--group",
            paramLabel = "G",
            defaultValue = "",
            description = "Consume as the only member of this group instead of as a reader.")
    String group;

    @Mixin ManagementOptions management;

    private final AtomicLong sent = new AtomicLong();
    private final AtomicReference<@Nullable MillraceException> failure = new AtomicReference<>();

    BenchEndToEnd(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        common.atLeast("--partitions", 1, partitions);
        common.atLeast("--duration", 1, durationSeconds);
        common.atLeast("--linger", 0, lingerMs);
        int size = common.size("--record-size", recordSize, Long.BYTES);
        RatePacer pace = common.parsed("--rate", rate, RatePacer::parse);
        if (!pace.limited()) {
            throw common.usage("--rate must be more than 0.");
        }
        try (MillraceClient client = common.connect()) {
            int count = TopicSetup.ensure(client, topic, partitions);
            if (warmUpSeconds > 0) {
                var unused = run(client, count, pace.scaled(0.25), warmUpSeconds, size);
            }
            ServerMetrics before = management.read();
            Run run = run(client, count, pace, durationSeconds, size);
            MillraceException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            return common.print(
                    console,
                    new MeasurementReport()
                            .put("missing", run.sent() - run.received())
                            .throughput(run.received() * size, run.received(), run.seconds())
                            .latency("latencyMs", run.journeys().sinceDueMicros())
                            .latency("storedToDeliveredMs", run.journeys().sinceStoredMicros())
                            .putAll(management.read().usageSince(before, run.received() * size)));
        }
    }

    private record Run(long sent, double seconds, EndToEndLatency journeys) {
        long received() {
            return journeys.delivered();
        }
    }

    private Run run(MillraceClient client, int count, RatePacer pace, int seconds, int size)
            throws InterruptedException {
        EndToEndLatency journeys = new EndToEndLatency();
        sent.set(0);
        try (ConsumeMeter consumption = consume(client, journeys, count)) {
            long start = RatePacer.now();
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> send(client, pace, size, count, start, seconds, journeys));
            while (isMissingSome(sender, journeys)) {
                consumption.poll();
            }
            sender.join();
            return new Run(sent.get(), (RatePacer.now() - start) / 1e9, journeys);
        }
    }

    private boolean isMissingSome(Thread sender, EndToEndLatency journeys) {
        return failure.get() == null
                && (sender.isAlive()
                        || journeys.delivered() < sent.get()
                                && journeys.nanosSinceDelivery() < FINAL_WAIT.toNanos());
    }

    private ConsumeMeter consume(MillraceClient client, EndToEndLatency journeys, int count)
            throws InterruptedException {
        return group.isEmpty()
                ? ConsumeMeter.byReader(client, topic, journeys)
                : ConsumeMeter.byGroup(client, group, topic, count, journeys);
    }

    private void send(
            MillraceClient client,
            RatePacer pace,
            int size,
            int count,
            long start,
            int seconds,
            EndToEndLatency journeys) {
        ProducerSettings settings =
                ProducerSettings.builder().linger(Duration.ofMillis(lingerMs)).build();
        List<byte[]> noise = Payloads.noise(size);
        long end = start + Duration.ofSeconds(seconds).toNanos();
        DeliveryListener listener =
                new DeliveryListener() {
                    @Override
                    public void stored(ProduceResult batch, int index) {
                        journeys.onStored(batch, index);
                    }

                    @Override
                    public void failed(MillraceException why) {
                        failure.compareAndSet(null, why);
                    }
                };
        try (Producer producer = client.producer(settings)) {
            for (long i = 0; failure.get() == null; i++) {
                long due = pace.awaitDue(start, i * size, i);
                if (due >= end) {
                    break;
                }
                byte[] value = EndToEndLatency.valueDueAt(noise.get((int) (i % noise.size())), due);
                producer.send(
                        OutgoingRecord.of(topic, null, value).withPartition((int) (i % count)),
                        listener);
                sent.incrementAndGet();
            }
        } catch (MillraceException failed) {
            failure.compareAndSet(null, failed);
        }
    }
}

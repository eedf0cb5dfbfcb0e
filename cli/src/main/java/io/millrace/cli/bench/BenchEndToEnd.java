package io.millrace.cli.bench;

import io.millrace.cli.terminal.BenchReport;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
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

/** {@code millrace bench end-to-end}. */
@Command(
        name = "end-to-end",
        description = "Measure the time from when a record is due until a consumer has it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench end-to-end --rate 1M --duration 10",
            "  millrace bench end-to-end --group g --duration 30",
            "",
            "latencyMs counts from when a record is due, storedToDeliveredMs from when its producer",
            "knows that it is stored.",
            "With --output json: the fields that text shows, by the same names."
        })
final class BenchEndToEnd implements Callable<Integer> {

    private static final Duration STRAGGLERS = Duration.ofSeconds(10);

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench-e2e",
            description = "Created if it is missing (default: ${DEFAULT-VALUE}).")
    String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Partitions of a new topic (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--record-size",
            paramLabel = "SIZE",
            defaultValue = "1Ki",
            description = "Bytes of a value (default: ${DEFAULT-VALUE}).")
    String recordSize;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "1M",
            description = "Bytes a second, or lines as 10l (default: ${DEFAULT-VALUE}).")
    String rate;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Seconds (default: ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--linger",
            paramLabel = "MS",
            defaultValue = "5",
            description = "The producer's, milliseconds (default: ${DEFAULT-VALUE}).")
    int lingerMs;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "Seconds at a quarter of the rate before what is measured (default: ${DEFAULT-VALUE}).")
    int warmUpSeconds;

    @Option(
            names = "--group",
            paramLabel = "G",
            defaultValue = "",
            description = "Consume as the only member of this group, not as a reader.")
    String group;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "The server's HTTP address, for what it spends.")
    @Nullable String http;

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
            throw common.usage("--rate is more than 0.");
        }
        try (MillraceClient client = common.connect()) {
            int count = TopicSetup.ensure(client, topic, partitions);
            if (warmUpSeconds > 0) {
                var unused = run(client, count, pace.times(0.25), warmUpSeconds, size);
            }
            ServerMetrics before = ServerMetrics.read(http);
            Run run = run(client, count, pace, durationSeconds, size);
            MillraceException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            return common.print(
                    console,
                    new BenchReport()
                            .put("missing", run.sent() - run.received())
                            .throughput(run.received() * size, run.received(), run.seconds())
                            .latency("latencyMs", run.journeys().sinceDueMicros())
                            .latency("storedToDeliveredMs", run.journeys().sinceStoredMicros())
                            .putAll(ServerMetrics.read(http).since(before, run.received() * size)));
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
                                && journeys.silenceNanos() < STRAGGLERS.toNanos());
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
                        journeys.stored(batch, index);
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
                byte[] value = EndToEndLatency.due(noise.get((int) (i % noise.size())), due);
                producer.send(
                        OutgoingRecord.of(topic, null, value).toPartition((int) (i % count)),
                        listener);
                sent.incrementAndGet();
            }
        } catch (MillraceException failed) {
            failure.compareAndSet(null, failed);
        }
    }
}

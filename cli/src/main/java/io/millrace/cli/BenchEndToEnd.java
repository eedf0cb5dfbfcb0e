package io.millrace.cli;

import io.millrace.client.DeliveryListener;
import io.millrace.client.MillraceClient;
import io.millrace.client.MillraceException;
import io.millrace.client.OutgoingRecord;
import io.millrace.client.Producer;
import io.millrace.client.ProducerSettings;
import io.millrace.client.Stored;
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
    @Mixin Common common;

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
        Pace pace = common.parsed("--rate", rate, Pace::parse);
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
                    new Measured()
                            .put("missing", run.sent() - run.received())
                            .throughput(run.received() * size, run.received(), run.seconds())
                            .latency("latencyMs", run.journeys().sinceDueMicros())
                            .latency("storedToDeliveredMs", run.journeys().sinceStoredMicros())
                            .putAll(ServerMetrics.read(http).since(before, run.received() * size)));
        }
    }

    private record Run(long sent, double seconds, Journeys journeys) {
        long received() {
            return journeys.delivered();
        }
    }

    private Run run(MillraceClient client, int count, Pace pace, int seconds, int size)
            throws InterruptedException {
        Journeys journeys = new Journeys();
        sent.set(0);
        try (Consumption consumption = consume(client, journeys, count)) {
            long start = Pace.now();
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> send(client, pace, size, count, start, seconds, journeys));
            while (isMissingSome(sender, journeys)) {
                consumption.poll();
            }
            sender.join();
            return new Run(sent.get(), (Pace.now() - start) / 1e9, journeys);
        }
    }

    private boolean isMissingSome(Thread sender, Journeys journeys) {
        return failure.get() == null
                && (sender.isAlive()
                        || journeys.delivered() < sent.get()
                                && journeys.silenceNanos() < STRAGGLERS.toNanos());
    }

    private Consumption consume(MillraceClient client, Journeys journeys, int count)
            throws InterruptedException {
        return group.isEmpty()
                ? Consumption.byReader(client, topic, journeys)
                : Consumption.byGroup(client, group, topic, count, journeys);
    }

    private void send(
            MillraceClient client,
            Pace pace,
            int size,
            int count,
            long start,
            int seconds,
            Journeys journeys) {
        ProducerSettings settings =
                ProducerSettings.builder().linger(Duration.ofMillis(lingerMs)).build();
        List<byte[]> noise = Payloads.noise(size);
        long end = start + Duration.ofSeconds(seconds).toNanos();
        DeliveryListener listener =
                new DeliveryListener() {
                    @Override
                    public void stored(Stored batch, int index) {
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
                byte[] value = Journeys.due(noise.get((int) (i % noise.size())), due);
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

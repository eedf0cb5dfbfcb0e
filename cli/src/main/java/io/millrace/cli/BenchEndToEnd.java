package io.millrace.cli;

import io.millrace.client.DeliveryListener;
import io.millrace.client.MillraceClient;
import io.millrace.client.MillraceException;
import io.millrace.client.OutgoingRecord;
import io.millrace.client.Producer;
import io.millrace.client.ProducerSettings;
import io.millrace.client.ReadRecord;
import io.millrace.client.Reader;
import io.millrace.client.ReaderSettings;
import io.millrace.client.StartAt;
import io.millrace.client.Stored;
import io.millrace.client.TopicPartition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench end-to-end}. */
@Command(
        name = "end-to-end",
        description = "Measure the time from when a record is due until a reader has it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench end-to-end --rate 1M --duration 10",
            "",
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
            int count = BenchProduce.ensureTopic(client, topic, partitions);
            if (warmUpSeconds > 0) {
                var unused = run(client, count, pace.times(0.25), warmUpSeconds, size);
            }
            ServerMetrics before = ServerMetrics.read(http);
            Run run = run(client, count, pace, durationSeconds, size);
            MillraceException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            new Measured()
                    .put("missing", run.sent() - run.received())
                    .throughput(run.received() * size, run.received(), run.seconds())
                    .latency("latencyMs", run.latencyMicros())
                    .putAll(ServerMetrics.read(http).since(before, run.received() * size))
                    .print(console, common.json());
        }
        return 0;
    }

    private record Run(long sent, long received, double seconds, Histogram latencyMicros) {}

    private Run run(MillraceClient client, int count, Pace pace, int seconds, int size)
            throws InterruptedException {
        Histogram latencyMicros = new Histogram(3);
        Map<TopicPartition, StartAt> starts = new HashMap<>();
        client.topics()
                .describe(topic)
                .partitions()
                .forEach(each ->
                        starts.put(
                                new TopicPartition(topic, each.number()),
                                StartAt.offset(each.highWatermark())));
        sent.set(0);
        long start = Pace.now();
        Thread sender =
                Thread.ofVirtual().start(() -> send(client, pace, size, count, start, seconds));
        long received;
        try (Reader reader = client.reader(ReaderSettings.defaults(), starts)) {
            received = receive(reader, sender, latencyMicros);
        }
        sender.join();
        return new Run(sent.get(), received, (Pace.now() - start) / 1e9, latencyMicros);
    }

    private void send(
            MillraceClient client, Pace pace, int size, int count, long start, int seconds) {
        ProducerSettings settings =
                ProducerSettings.builder().linger(Duration.ofMillis(lingerMs)).build();
        List<byte[]> noise = Payloads.noise(size);
        long end = start + Duration.ofSeconds(seconds).toNanos();
        DeliveryListener listener =
                new DeliveryListener() {
                    @Override
                    public void stored(Stored batch, int index) {}

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
                byte[] value = noise.get((int) (i % noise.size())).clone();
                ByteBuffer.wrap(value).putLong(0, due);
                producer.send(
                        OutgoingRecord.of(topic, null, value).toPartition((int) (i % count)),
                        listener);
                sent.incrementAndGet();
            }
        } catch (MillraceException failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private long receive(Reader reader, Thread sender, Histogram latencyMicros) {
        long received = 0;
        long lastSeen = Pace.now();
        while (failure.get() == null && (sender.isAlive() || received < sent.get())) {
            List<ReadRecord> records = reader.pollRecords(Duration.ofMillis(100));
            long now = Pace.now();
            for (ReadRecord record : records) {
                ByteBuffer value = record.value();
                if (value != null && value.remaining() >= Long.BYTES) {
                    long due = value.getLong(value.position());
                    latencyMicros.recordValue(Math.max(0, (now - due) / 1000));
                    received++;
                }
            }
            if (!records.isEmpty()) {
                lastSeen = now;
            } else if (!sender.isAlive() && now - lastSeen > STRAGGLERS.toNanos()) {
                break;
            }
        }
        return received;
    }
}

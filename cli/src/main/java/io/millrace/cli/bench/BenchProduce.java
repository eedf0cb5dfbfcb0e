package io.millrace.cli.bench;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.terminal.SizeConverter;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.DeliveryListener;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.ProduceTiming;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.kafka.common.record.internal.CompressionType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench produce}. */
@Command(
        name = "produce",
        description = {
            "Measure produce throughput and latency.",
            "Sizes take k, M, G (thousands) or Ki, Mi, Gi."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench produce --mode batches --partitions 1000 --duration 10",
            "  millrace bench produce --mode client --record-size 1Ki --bytes 4Gi",
            "  millrace bench produce --mode records --producers 1000 --rate 10l",
            "",
            "With a --rate, latency counts from a record's due time (open loop), and"
                    + " aboveFloor is the latency beyond linger, upload and log append. With --output"
                    + " json: the same fields as in text output; latencies in milliseconds."
        })
final class BenchProduce implements Callable<Integer> {

    enum Mode {
        batches,
        client,
        records
    }

    private static final int LATENCY_SAMPLE = 64;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench",
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
            names = "--batch-size",
            paramLabel = "SIZE",
            defaultValue = "64Ki",
            description = "Size of a batch in bytes (default: ${DEFAULT-VALUE}).")
    String batchSize;

    @Option(
            names = "--mode",
            paramLabel = "batches|client|records",
            defaultValue = "batches",
            description =
                    "batches: encoded in advance; client: built from records by the producer;"
                            + " records: log lines that the node batches (default: ${DEFAULT-VALUE}).")
    Mode mode;

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of concurrent producers (default: ${DEFAULT-VALUE}).")
    int producers;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "0",
            description =
                    "Rate of each producer: bytes a second, or lines a second as 10l (default: no"
                            + " limit).")
    String rate;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Duration in seconds (default: ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--bytes",
            paramLabel = "SIZE",
            description = "End after this number of bytes instead.")
    @Nullable String bytes;

    @Option(
            names = "--compression",
            paramLabel = "zstd|none|lz4|gzip|snappy",
            defaultValue = "none",
            description = "Compression of the batches (default: ${DEFAULT-VALUE}).")
    CompressionCodec compression;

    @Option(
            names = "--in-flight",
            paramLabel = "SIZE",
            defaultValue = "64Mi",
            description = "Maximum unacknowledged bytes (default: ${DEFAULT-VALUE}).")
    String inFlight;

    @Option(
            names = "--linger",
            paramLabel = "MS",
            defaultValue = "5",
            description = "Linger of the producers in milliseconds (default: ${DEFAULT-VALUE}).")
    int lingerMs;

    @Option(
            names = "--file",
            paramLabel = "F",
            description = "File of lines to send instead of generated values.")
    @Nullable Path file;

    @Mixin ManagementOptions management;

    private final ConcurrentHistogram latencyMicros = new ConcurrentHistogram(3);
    private final ConcurrentHistogram aboveFloorMicros = new ConcurrentHistogram(3);
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder sentRecords = new LongAdder();
    private final AtomicReference<@Nullable MillraceException> failure = new AtomicReference<>();

    BenchProduce(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        common.atLeast("--partitions", 1, partitions);
        common.atLeast("--producers", 1, producers);
        common.atLeast("--duration", 1, durationSeconds);
        common.atLeast("--linger", 0, lingerMs);
        common.size("--batch-size", batchSize, 256);
        common.parsed("--in-flight", inFlight, SizeConverter::parse);
        int recordBytes = common.size("--record-size", recordSize, 1);
        RatePacer pace = common.parsed("--rate", rate, RatePacer::parse);
        long limit =
                bytes == null
                        ? Long.MAX_VALUE
                        : common.parsed("--bytes", bytes, SizeConverter::parse);
        try {
            // Validates the settings before the run.
            ProducerSettings unused = settings(pace);
        } catch (IllegalArgumentException wrong) {
            throw common.usage(wrong.getMessage() + ".");
        }
        List<byte[]> values =
                file != null || mode == Mode.records
                        ? Payloads.lines(file)
                        : Payloads.noise(recordBytes);
        try (MillraceClient client = common.connect()) {
            int count = TopicSetup.ensure(client, topic, partitions);
            ServerMetrics before = management.read();
            long start = RatePacer.now();
            run(client, pace, limit / producers, values, count, start);
            double seconds = (RatePacer.now() - start) / 1e9;
            MillraceException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            return common.print(
                    console,
                    new MeasurementReport()
                            .put("mode", mode.name())
                            .put("partitions", count)
                            .put("producers", producers)
                            .throughput(sentBytes.sum(), sentRecords.sum(), seconds)
                            .latency("latencyMs", latencyMicros)
                            .latency("aboveFloorMs", aboveFloorMicros)
                            .putAll(management.read().usageSince(before, sentBytes.sum())));
        }
    }

    private void run(
            MillraceClient client,
            RatePacer pace,
            long limitBytes,
            List<byte[]> values,
            int count,
            long start)
            throws InterruptedException {
        long end =
                bytes == null
                        ? start + Duration.ofSeconds(durationSeconds).toNanos()
                        : Long.MAX_VALUE;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int number = i;
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Producer producer = client.producer(settings(pace))) {
                                    ProducerTask load =
                                            new ProducerTask(
                                                    producer, pace, limitBytes, start, end);
                                    if (mode == Mode.batches) {
                                        sendBatches(load, values, count, number);
                                    } else {
                                        sendRecords(load, values, count, number);
                                    }
                                } catch (MillraceException failed) {
                                    failure.compareAndSet(null, failed);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private ProducerSettings settings(RatePacer pace) {
        long perProducer =
                Math.max(
                        SizeConverter.parse(inFlight) / producers,
                        2 * SizeConverter.parse(batchSize));
        return ProducerSettings.builder()
                .batchBytes((int) SizeConverter.parse(batchSize))
                .bufferBytes(perProducer)
                .linger(Duration.ofMillis(lingerMs))
                .codec(compression)
                .asRecords(mode == Mode.records)
                .wantTiming(pace.limited())
                .build();
    }

    private record ProducerTask(
            Producer producer, RatePacer pace, long limitBytes, long start, long end) {}

    private void sendBatches(ProducerTask load, List<byte[]> values, int count, int number) {
        List<Payloads.ReadyBatch> batches =
                Payloads.batches(
                        values,
                        (int) SizeConverter.parse(batchSize),
                        CompressionType.forId(compression.id()));
        long sent = 0;
        long records = 0;
        for (long i = number; sent < load.limitBytes() && RatePacer.now() < load.end(); i++) {
            Payloads.ReadyBatch batch = batches.get((int) (i % batches.size()));
            long due = load.pace().awaitDue(load.start(), sent, records);
            var unused =
                    load.producer()
                            .sendBatch(topic, (int) (i % count), batch.bytes())
                            .whenComplete((stored, failed) -> note(due, stored, failed));
            sent += batch.bytes().length;
            records += batch.records();
            if (failure.get() != null) {
                return;
            }
        }
        sentBytes.add(sent);
        sentRecords.add(records);
    }

    private void sendRecords(ProducerTask load, List<byte[]> values, int count, int number) {
        long sent = 0;
        long records = 0;
        DeliveryListener silent = new OutcomeRecorder(0);
        for (long i = number; sent < load.limitBytes() && failure.get() == null; i++) {
            byte[] value = values.get((int) (i % values.size()));
            long due = load.pace().awaitDue(load.start(), sent, records);
            if (due >= load.end()) {
                break;
            }
            boolean timed = load.pace().limited() || i % LATENCY_SAMPLE == 0;
            int partition = count == 1 ? 0 : (int) (i % count);
            load.producer()
                    .send(
                            new OutgoingRecord(
                                    topic, partition, null, value, List.of(), OutgoingRecord.NOW),
                            timed ? new OutcomeRecorder(due) : silent);
            sent += value.length;
            records++;
        }
        sentBytes.add(sent);
        sentRecords.add(records);
    }

    private void note(long due, @Nullable ProduceResult stored, @Nullable Throwable failed) {
        if (failed instanceof MillraceException rejected) {
            failure.compareAndSet(null, rejected);
        }
        if (stored != null && due != 0) {
            long micros = Math.max(0, (RatePacer.now() - due) / 1000);
            latencyMicros.recordValue(micros);
            ProduceTiming timing = stored.timing();
            if (timing != null) {
                long floor = timing.getLingerUs() + timing.getUploadUs() + timing.getAppendUs();
                aboveFloorMicros.recordValue(Math.max(0, micros - floor));
            }
        }
    }

    /** Records the outcome of a record with this due time; with 0, counts failures only. */
    private final class OutcomeRecorder implements DeliveryListener {
        private final long due;

        OutcomeRecorder(long due) {
            this.due = due;
        }

        @Override
        public void stored(ProduceResult batch, int index) {
            note(due, batch, null);
        }

        @Override
        public void failed(MillraceException why) {
            note(due, null, why);
        }
    }
}

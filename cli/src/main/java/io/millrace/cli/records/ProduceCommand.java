package io.millrace.cli.records;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.LineReader;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.DeliveryListener;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code produce}. */
@Command(
        name = "produce",
        description = {
            "Write each line of a file, or of standard input, as a record.",
            "Lines are bytes between newlines: an empty line is a record with an empty value, a"
                    + " carriage return is kept, and the last line need not end with a newline."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace produce log --file access.log",
            "  tail -f access.log | millrace produce log",
            "  printf 'user1:login\\n' | millrace produce log --key-separator :",
            "  printf 'user1:\\n' | millrace produce users --key-separator : -Z   # a tombstone",
            "",
            "With --output json: {topic, records, bytes, partitions: {\"0\": records,"
                    + " ...}}; bytes are those of keys and values. The exit code is 1 if a record was"
                    + " not stored. While the server is unavailable or overloaded, the command waits"
                    + " for up to two minutes and reports the reason on standard error."
        })
public final class ProduceCommand implements Callable<Integer> {

    private final Console console;
    @Mixin ConnectionOptions common;

    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    String topic;

    @Option(
            names = "--file",
            paramLabel = "F",
            defaultValue = "-",
            description = "The file; - is standard input (default: ${DEFAULT-VALUE}).")
    String file;

    @Option(
            names = "--key-separator",
            paramLabel = "C",
            description =
                    "Separator of key and value in a line; a line without the separator has no key.")
    @Nullable String keySeparator;

    @Option(
            names = {"-Z", "--tombstones"},
            description =
                    "Send a line that ends after the separator as a record without a value"
                            + " (tombstone), which deletes the key from a compacted topic. Without this"
                            + " option the value is empty.")
    boolean tombstones;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description =
                    "The partition (default: by key, compatible with Kafka; records without a key"
                            + " are distributed).")
    @Nullable Integer partition;

    @Option(
            names = "--compression",
            paramLabel = "zstd|none|lz4|gzip|snappy",
            defaultValue = "zstd",
            description = "Compression of batches (default: ${DEFAULT-VALUE}).")
    CompressionCodec compression;

    @Option(
            names = "--as-records",
            description =
                    "Send single records, which the node batches and compresses. Not idempotent: a"
                            + " record whose response is lost is not retried.")
    boolean asRecords;

    public ProduceCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (keySeparator != null && keySeparator.isEmpty()) {
            throw common.usage("--key-separator must not be empty.");
        }
        if (tombstones && keySeparator == null) {
            throw common.usage("--tombstones needs --key-separator, as a tombstone needs a key.");
        }
        if (partition != null && partition < 0) {
            throw common.usage("--partition must not be negative.");
        }
        ProducerSettings settings =
                ProducerSettings.builder().codec(compression).asRecords(asRecords).build();
        try (InputStream in = open();
                MillraceClient client = common.connect()) {
            int partitions = client.topics().describe(topic).topic().partitionCount();
            Tally tally = new Tally(partitions);
            try (Producer producer = client.producer(settings);
                    WaitWatch unused = new WaitWatch(producer::stallReason, console.err());
                    @Nullable ProgressBar bar = progress()) {
                send(new LineReader(in), producer, tally, bar);
                producer.flush();
            }
            return common.print(console, result(tally));
        }
    }

    private InputStream open() {
        if (file.equals("-")) {
            return console.in();
        }
        Path path = Path.of(file);
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw common.usage("--file: " + file + " cannot be read.");
        }
        try {
            return Files.newInputStream(path);
        } catch (IOException unreadable) {
            throw common.usage("--file: " + file + " cannot be read: " + unreadable.getMessage());
        }
    }

    private @Nullable ProgressBar progress() throws IOException {
        if (file.equals("-") || !console.errIsTerminal()) {
            return null;
        }
        return new ProgressBarBuilder()
                .setTaskName(Path.of(file).getFileName() + "")
                .setUnit(" MiB", 1024 * 1024)
                .setInitialMax(Files.size(Path.of(file)))
                .build();
    }

    private void send(LineReader lines, Producer producer, Tally tally, @Nullable ProgressBar bar) {
        byte @Nullable [] separator =
                keySeparator == null ? null : keySeparator.getBytes(StandardCharsets.UTF_8);
        int to = partition == null ? OutgoingRecord.BY_KEY : partition;
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            if (tally.failure() != null) {
                break;
            }
            byte @Nullable [] value = line;
            byte @Nullable [] key = null;
            int at = separator == null ? -1 : indexOf(line, separator);
            if (at >= 0 && separator != null) {
                key = Arrays.copyOfRange(line, 0, at);
                int from = at + separator.length;
                boolean isTombstone = tombstones && from == line.length;
                value = isTombstone ? null : Arrays.copyOfRange(line, from, line.length);
            }
            tally.bytes += (value == null ? 0 : value.length) + (key == null ? 0 : key.length);
            producer.send(
                    new OutgoingRecord(topic, to, key, value, List.of(), OutgoingRecord.NOW),
                    tally);
            if (bar != null) {
                bar.stepBy(line.length + 1L);
            }
        }
    }

    static int indexOf(byte[] line, byte[] separator) {
        for (int i = 0; i <= line.length - separator.length; i++) {
            if (Arrays.equals(line, i, i + separator.length, separator, 0, separator.length)) {
                return i;
            }
        }
        return -1;
    }

    private CommandResult result(Tally tally) {
        Map<String, Long> partitions = tally.partitions();
        long records = partitions.values().stream().mapToLong(Long::longValue).sum();
        MillraceException failure = tally.failure();
        if (failure != null) {
            throw new CommandFailedException(
                    "Stopped after %d stored records: %s".formatted(records, failure.getMessage()));
        }
        return new Sent(topic, records, tally.bytes, partitions);
    }

    private record Sent(String topic, long records, long bytes, Map<String, Long> partitions)
            implements CommandResult {

        @Override
        public List<String> lines() {
            return List.of(
                    "Stored %d records, %d bytes, in %d partition%s of %s."
                            .formatted(
                                    records,
                                    bytes,
                                    partitions.size(),
                                    partitions.size() == 1 ? "" : "s",
                                    topic));
        }
    }

    private static final class Tally implements DeliveryListener {
        private final AtomicLongArray stored;
        private final AtomicReference<@Nullable MillraceException> failure =
                new AtomicReference<>();
        private long bytes;

        Tally(int partitions) {
            stored = new AtomicLongArray(partitions);
        }

        @Override
        public void stored(ProduceResult batch, int index) {
            stored.incrementAndGet(batch.partition().partition());
        }

        @Override
        public void failed(MillraceException why) {
            failure.compareAndSet(null, why);
        }

        @Nullable MillraceException failure() {
            return failure.get();
        }

        Map<String, Long> partitions() {
            Map<Integer, Long> counts = new TreeMap<>();
            for (int i = 0; i < stored.length(); i++) {
                if (stored.get(i) > 0) {
                    counts.put(i, stored.get(i));
                }
            }
            Map<String, Long> named = new LinkedHashMap<>();
            counts.forEach((number, count) -> named.put(Integer.toString(number), count));
            return named;
        }
    }
}

package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.LineReader;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** The payloads of measurements, identical for identical settings. */
final class Payloads {

    private static final long SEED = 42;
    private static final int LINES = 20_000;
    private static final int BATCHES = 64;

    private Payloads() {}

    static List<byte[]> noise(int sizeBytes) {
        RandomGenerator random = new Random(SEED);
        List<byte[]> values = new ArrayList<>();
        for (int i = 0;
                i < Math.max(16, 4 * 1024 * 1024 / Math.max(1, sizeBytes)) && i < LINES;
                i++) {
            byte[] value = new byte[sizeBytes];
            random.nextBytes(value);
            values.add(value);
        }
        return values;
    }

    /** Returns the lines of a file; without a file, lines that resemble a web server's log. */
    static List<byte[]> lines(@Nullable Path file) {
        if (file != null) {
            try (var in = Files.newInputStream(file)) {
                List<byte[]> lines = new ArrayList<>();
                LineReader reader = new LineReader(in);
                for (byte[] line = reader.next(); line != null; line = reader.next()) {
                    lines.add(line);
                }
                if (!lines.isEmpty()) {
                    return lines;
                }
                throw new CommandFailedException("--file: " + file + " is empty.");
            } catch (IOException unreadable) {
                throw new CommandFailedException("--file: " + file + " cannot be read.");
            }
        }
        RandomGenerator random = new Random(SEED);
        String[] paths = {"/", "/login", "/api/v1/orders", "/api/v1/items", "/static/app.js"};
        String[] agents = {"Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "okhttp/4.12.0"};
        List<byte[]> lines = new ArrayList<>(LINES);
        for (int i = 0; i < LINES; i++) {
            String line =
                    "10.0.%d.%d - - [21/Nov/2026:04:%02d:%02d +0000] \"GET %s/%d HTTP/1.1\" %d %d \"-\" \"%s\""
                            .formatted(
                                    random.nextInt(16),
                                    random.nextInt(256),
                                    i / 600 % 60,
                                    i / 10 % 60,
                                    paths[random.nextInt(paths.length)],
                                    random.nextInt(5_000),
                                    random.nextInt(20) == 0 ? 404 : 200,
                                    random.nextInt(50_000),
                                    agents[random.nextInt(agents.length)]);
            lines.add(line.getBytes(StandardCharsets.UTF_8));
        }
        return lines;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record ReadyBatch(byte[] bytes, int records) {}

    /**
     * Returns batches of similar size. Timestamps are current, as retention would delete older
     * records.
     */
    @SystemAccess("reads the clock")
    static List<ReadyBatch> batches(
            List<byte[]> values, int batchBytes, CompressionType compression) {
        long nowMs = InstantSource.system().millis();
        List<ReadyBatch> batches = new ArrayList<>();
        int next = 0;
        while (batches.size() < BATCHES) {
            List<SimpleRecord> records = new ArrayList<>();
            int bytes = 61;
            do {
                byte[] value = values.get(next++ % values.size());
                records.add(new SimpleRecord(nowMs, null, value));
                bytes += value.length + 12;
            } while (bytes + values.get(next % values.size()).length + 12 <= batchBytes);
            MemoryRecords made =
                    MemoryRecords.withRecords(
                            Compression.of(compression).build(),
                            records.toArray(SimpleRecord[]::new));
            byte[] array = new byte[made.sizeInBytes()];
            made.buffer().duplicate().get(array);
            batches.add(new ReadyBatch(array, records.size()));
        }
        return batches;
    }
}

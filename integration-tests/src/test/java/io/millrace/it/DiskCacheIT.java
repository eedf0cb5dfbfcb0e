package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk cache of a server survives every end of the process, and damaged chunks are never
 * served.
 */
@Timeout(300)
class DiskCacheIT {

    private static final int PARTITIONS = 3;
    private static final int BATCHES = 60;
    private static final String LOADS = "millrace_fetch_load_seconds_count";
    private static final String HITS = "millrace_fetch_disk_reads_total{result=\"hit\"}";
    private static final String MISSED = "millrace_fetch_disk_reads_total{result=\"miss\"}";
    private static final String FAILED = "millrace_fetch_disk_reads_total{result=\"failed\"}";
    private static final String SKIPPED = "millrace_fetch_disk_reads_total{result=\"skipped\"}";
    private static final String DAMAGED = "millrace_fetch_disk_reads_total{result=\"damaged\"}";

    @TempDir Path folder;
    private final Random random = new Random(1);
    private final List<byte[]> written = new ArrayList<>();
    private MillraceProcess server;

    @BeforeEach
    void start() {
        server = up();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Starts a server with almost no memory cache. */
    private MillraceProcess up() {
        return MillraceProcess.up(
                folder.resolve("data"),
                Map.of("MILLRACE_COLD_CACHE_PERCENT", "0", "MILLRACE_DISK_CACHE_MIB", "256"),
                "--disk-cache",
                cache().toString());
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void aRestartedServerUsesItsDiskCacheButNoDamagedChunk() throws Exception {
        write();
        crash();
        readUntilNothingIsLoaded();

        crash();
        // After a slow read, the disk is not used for a while.
        readUntil(
                () -> {
                    readAll();
                    return metric(HITS) > 0;
                },
                "a read from the disk cache");
        System.out.printf(
                "DiskCacheIT: after kill -9, %d batches read with %.0f GETs, %.0f chunks from disk%n",
                BATCHES, metric(LOADS), metric(HITS));
        assertThat(metric(MISSED)).isZero();
        assertThat(metric(LOADS)).isLessThanOrEqualTo(metric(FAILED) + metric(SKIPPED));

        int files = damageAll();
        readUntilDamageIsSeenIn(files);
        assertThat(metric(LOADS)).isGreaterThanOrEqualTo(files);

        readUntilNothingIsLoaded();
        damageAll();
        crash();
        readUntilDamageIsSeenIn(files);
    }

    @Test
    void aSecondServerOnTheSameFolderFailsToStartWithAReason() {
        assertThatThrownBy(() ->
                        MillraceProcess.up(folder.resolve("other"), "--disk-cache", cache() + ""))
                .hasMessageContaining("ended with 1")
                .hasMessageContaining(cache() + " is used by another Millrace process")
                .hasMessageContaining("use another folder");
    }

    private void crash() {
        server.kill();
        server = up();
    }

    private void write() {
        server.createTopic("t", PARTITIONS);
        ManagedChannel channel = server.connect();
        for (int i = 0; i < BATCHES; i++) {
            byte[] value = new byte[100_000 + random.nextInt(400_000)];
            random.nextBytes(value);
            written.add(value);
            var unused =
                    IngestGrpc.newBlockingStub(channel)
                            .produce(
                                    ProduceRequest.newBuilder()
                                            .setTopic("t")
                                            .setPartition(i % PARTITIONS)
                                            .setBatch(KafkaBatches.wrap(KafkaBatches.batch(value)))
                                            .build());
        }
        channel.shutdownNow();
    }

    private void readUntilNothingIsLoaded() throws Exception {
        readUntil(
                () -> {
                    double before = metric(LOADS);
                    readAll();
                    return metric(LOADS) == before;
                },
                "everything is on the disk");
    }

    private void readUntilDamageIsSeenIn(int files) throws Exception {
        readUntil(
                () -> {
                    readAll();
                    return metric(DAMAGED) >= files;
                },
                "all damage is seen");
        assertThat(metric(DAMAGED)).isEqualTo(files);
    }

    /** Reads until the condition is true, for longer than the pause of a slow disk. */
    private void readUntil(Callable<Boolean> seen, String what) throws Exception {
        long start = System.nanoTime();
        while (!seen.call()) {
            if (System.nanoTime() - start > Duration.ofSeconds(90).toNanos()) {
                throw new AssertionError(
                        "not within 90 s: %s; loads %.0f, disk reads: %.0f hit, %.0f missed, %.0f failed, %.0f skipped, %.0f damaged"
                                .formatted(
                                        what,
                                        metric(LOADS),
                                        metric(HITS),
                                        metric(MISSED),
                                        metric(FAILED),
                                        metric(SKIPPED),
                                        metric(DAMAGED)));
            }
        }
    }

    private void readAll() {
        ManagedChannel channel = server.connect();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<KafkaBatches.Read> records = PartitionReader.all(channel, "t", partition);
            assertThat(records).hasSize(BATCHES / PARTITIONS);
            for (int i = 0; i < records.size(); i++) {
                assertThat(records.get(i).offset()).isEqualTo(i);
                assertThat(records.get(i).value())
                        .isEqualTo(written.get(i * PARTITIONS + partition));
            }
        }
        channel.shutdownNow();
    }

    /** Changes each file of the cache and returns their number. */
    private int damageAll() throws IOException {
        List<Path> chunks;
        try (Stream<Path> files = Files.list(cache())) {
            chunks = files.filter(file -> file.toString().endsWith(".chunk")).sorted().toList();
        }
        for (int i = 0; i < chunks.size(); i++) {
            byte[] content = Files.readAllBytes(chunks.get(i));
            int at = i == 0 ? 0 : random.nextInt(content.length);
            content[at] ^= (byte) (1 + random.nextInt(255));
            Files.write(chunks.get(i), content);
        }
        return chunks.size();
    }

    private double metric(String name) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String shown =
                    client.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            "http://localhost:"
                                                                    + server.managementPort()
                                                                    + "/metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            return shown.lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " in " + shown));
        }
    }
}

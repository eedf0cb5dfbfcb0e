package io.millrace.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sun.misc.Signal;

class VerifyTest {

    private final FakeServer server = new FakeServer();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        server.close();
    }

    private int verify(String line) {
        return verifyAt(server.address(), line);
    }

    private int verifyAt(String servers, String line) {
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Console console = new Console(new ByteArrayInputStream(new byte[0]), out, errors, false);
        String all = "verify --server " + servers + " " + line;
        return MillraceCommand.run(console, all.strip().split(" "));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void acknowledgedRecordsAreVerifiedAndReportedInOneLine() {
        assertThat(verify("--duration 1 --rate 500l --producers 3 --partitions 4 --readers 2"))
                .as(out() + err())
                .isZero();
        assertThat(out())
                .matches("(?s)Verified: [1-9]\\d* acknowledged records in 4 partitions .*")
                .contains("in 2 passes through " + server.address())
                .hasLineCount(1);
        // The last pass: caches prove nothing about the bucket.
        assertThat(server.bucketFetchesSeen()).isPositive().isLessThan(server.fetchesSeen());
        // Only lines about stalls, which a slow machine can cause.
        assertThat(err().lines()).allMatch(line -> line.contains(" acknowledge"));
    }

    @Test
    void aSignalEndsTheSendingAndWhatWasSentIsProven() throws Exception {
        try (MillraceClient client = MillraceClient.connect(server.address());
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            client.topics().create("t", 2, Map.of());
            Future<Integer> exit = other.submit(() -> verify("--duration 600 --topic t"));
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (client.topics().describe("t").partitions().getFirst().highWatermark() < 10) {
                assertThat(System.nanoTime()).as("time of the first records").isLessThan(endNanos);
            }
            Signal.raise(new Signal("TERM"));
            assertThat(exit.get(60, TimeUnit.SECONDS)).as(out() + err()).isZero();
        }
        assertThat(out()).startsWith("Verified: ");
    }

    @Test
    void severalAddressesAreAllUsed() {
        String three = server.address() + "," + server.address() + "," + server.address();
        assertThat(verifyAt(three, "--duration 1 --output json --topic t")).isZero();
        assertThat(out()).contains("\"verified\":true", "\"topic\":\"t\"", "\"passes\":3");
    }

    @Test
    void lostAndUnknownResponsesAreTolerated() {
        server.next(
                new FakeServer.Fault.None(),
                new FakeServer.Fault.StoreAndDoubt(),
                new FakeServer.Fault.StoreAndBreak(),
                new FakeServer.Fault.Break(),
                new FakeServer.Fault.RejectBatch(
                        new Problem(Reason.STORAGE_UNAVAILABLE, "The bucket is away.")),
                new FakeServer.Fault.StoreAndBreak());
        server.breakFetches(3);
        server.damageFetches(1);
        assertThat(verify("--duration 1 --rate 1000l --partitions 2")).as(out() + err()).isZero();
        assertThat(out()).startsWith("Verified: ").contains("; 0 of 0 unknown are");
    }

    @Test
    void recordsOfAnotherProducerAreAViolation() {
        try (MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create("t", 1, Map.of());
            try (Reader reader =
                            client.reader(
                                    ReaderSettings.defaults(),
                                    Map.of(new TopicPartition("t", 0), StartPosition.beginning()));
                    Producer other = client.producer()) {
                var intruder =
                        reader.pollAsync()
                                .thenRunAsync(
                                        () -> other.send(OutgoingRecord.of("t", null, new byte[9])),
                                        task -> Thread.ofVirtual().start(task));
                assertThat(verify("--duration 20 --topic t --output json")).isOne();
                intruder.join();
            }
            assertThat(out())
                    .contains("\"verified\":false", "\"kind\":\"PHANTOM\"", "\"partition\":0");
        }
    }

    @Test
    void aTopicThatIsInUseNoMoreMayBeUsed() {
        assertThat(verify("--duration 1 --rate 50l --topic t")).isZero();
        assertThat(verify("--duration 1 --rate 50l --topic t")).isZero();
    }

    /** Runs verify while another client interferes once some records exist. */
    private int verifyMeddled(String line, Consumer<MillraceClient> meddle) throws Exception {
        try (MillraceClient client = MillraceClient.connect(server.address());
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            client.topics().create("t", 1, Map.of());
            Future<Integer> exit = other.submit(() -> verify("--topic t " + line));
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (client.topics().describe("t").partitions().getFirst().highWatermark() < 10) {
                assertThat(System.nanoTime()).as("time of the first records").isLessThan(endNanos);
            }
            meddle.accept(client);
            return exit.get(60, TimeUnit.SECONDS);
        }
    }

    /**
     * Returns the first offset of the second batch, once it exists: the first batch may hold many
     * records.
     */
    private long secondBatch() {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            Iterator<MutableRecordBatch> batches = server.log().all("t", 0).batches().iterator();
            batches.next();
            if (batches.hasNext()) {
                return batches.next().baseOffset();
            }
            assertThat(System.nanoTime()).as("time of the second batch").isLessThan(endNanos);
        }
    }

    @Test
    void whatIsBelowTheLogStartIsCountedAndNotLost() throws Exception {
        String line = "--duration 5 --producers 1 --rate 500l";
        AtomicLong cut = new AtomicLong();
        assertThat(
                        verifyMeddled(
                                line,
                                client -> {
                                    cut.set(secondBatch());
                                    server.log().cutBefore("t", 0, cut.get());
                                }))
                .as(out() + err())
                .isZero();
        assertThat(out())
                .startsWith("Verified: ")
                .contains(
                        "except " + cut + " below the log start (removed by retention or a trim)");
    }

    @Test
    void aLogStartThatMovesInATopicOfTheRunIsAViolation() throws Exception {
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
                MillraceClient client = MillraceClient.connect(server.address())) {
            Future<Integer> exit =
                    other.submit(() -> verify("--duration 5 --partitions 1 --rate 500l"));
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            String topic = null;
            while (topic == null || endOffset(client, topic) < 10) {
                assertThat(System.nanoTime()).as("time of the first records").isLessThan(endNanos);
                topic =
                        client.topics().list().stream()
                                .findFirst()
                                .map(it -> it.name())
                                .orElse(null);
            }
            server.log().cutBefore(topic, 0, endOffset(client, topic));
            assertThat(exit.get(60, TimeUnit.SECONDS)).as(out() + err()).isOne();
        }
        assertThat(out()).startsWith("VIOLATION (LOST)").contains("is out of range");
    }

    private static long endOffset(MillraceClient client, String topic) {
        return client.topics().describe(topic).partitions().getFirst().highWatermark();
    }

    @Test
    void aTopicThatIsDeletedMeanwhileIsSaidAndItsRecordsAreNotLost() throws Exception {
        String line = "--duration 20 --producers 1 --rate 500l";
        assertThat(verifyMeddled(line, client -> client.topics().delete("t"))).isOne();
        assertThat(out()).isEmpty();
        assertThat(err()).contains("Topic t was deleted during the run").doesNotContain("LOST");
    }

    @Test
    void aTopicThatIsDeletedAndCreatedAgainIsSaid() throws Exception {
        String line = "--duration 20 --producers 1 --rate 500l";
        int exit =
                verifyMeddled(
                        line,
                        client -> {
                            client.topics().delete("t");
                            client.topics().create("t", 1, Map.of());
                        });
        assertThat(exit).isOne();
        assertThat(out()).isEmpty();
        assertThat(err()).contains("Topic t was deleted during the run").doesNotContain("LOST");
    }

    @Test
    void recordsOfACompactedTopicHaveKeys() {
        try (MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create("t", 1, Map.of("cleanup.policy", "compact"));
            assertThat(verify("--duration 1 --rate 50l --topic t")).as(out() + err()).isZero();
            try (Reader reader =
                    client.reader(
                            ReaderSettings.defaults(),
                            Map.of(new TopicPartition("t", 0), StartPosition.beginning()))) {
                assertThat(reader.poll(Duration.ofSeconds(20)))
                        .allSatisfy(batch ->
                                assertThat(batch).allMatch(record -> record.key() != null));
            }
        }
    }

    @Test
    void wrongUsageIsSaid() {
        assertThat(verify("--record-size 39")).isEqualTo(ExitCode.USAGE);
        assertThat(verify("--readers 0")).isEqualTo(ExitCode.USAGE);
        assertThat(verifyAt("localhost:9090,nowhere", "")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "--record-size must be 40 to",
                        "--readers must be at least 1",
                        "not nowhere");
    }

    @Test
    void aServerThatIsNotThereIsSaid() {
        server.close();
        assertThat(verify("--duration 1")).isOne();
        assertThat(err()).contains(server.address()).hasLineCount(1);
    }
}

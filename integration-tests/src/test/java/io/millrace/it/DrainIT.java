package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.s3.S3ProxyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that receives SIGTERM under load. */
@Timeout(240)
class DrainIT {

    private static final int PARTITIONS = 4;
    private static final int PACE = 100;

    /**
     * Longer than the timeout of {@link MillraceProcess#terminate}: a drain of this length fails
     * the test.
     */
    private static final int LONG_DRAIN_MILLIS = 300_000;

    /** The tag of tests whose drain reaches its deadline. */
    private static final String SHORT_DRAIN = "short-drain";

    private static final int SHORT_DRAIN_MILLIS = TestScale.count(4_000, 15_000);

    @TempDir Path folder;
    private S3ProxyServer s3;
    private MillraceProcess server;
    private ManagedChannel channel;

    @BeforeEach
    void start(TestInfo test) throws Exception {
        s3 = S3ProxyServer.start(Files.createDirectories(folder.resolve("s3")));
        up(test.getTags().contains(SHORT_DRAIN) ? SHORT_DRAIN_MILLIS : LONG_DRAIN_MILLIS);
        server.createTopic("t", PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.close();
        s3.close();
    }

    @Test
    void aDrainUnderLoadCompletesAcceptedRequestsAndExitsWithZero() throws Exception {
        try (PatientWriter writer = new PatientWriter(channel, "t", PARTITIONS, PACE)) {
            await("load", () -> writer.acknowledgements() > 2 * PACE);
            long beganNanos = System.nanoTime();
            assertThat(server.terminate()).as("before the deadline").isZero();
            System.out.printf("DrainIT: ended after %d ms%n", millisSince(beganNanos));
            startAgainAndCheck(writer);
        }
    }

    @Test
    void aDrainingServerRejectsNewRequestsAndAcknowledgesAcceptedOnes() throws Exception {
        try (PatientWriter writer = new PatientWriter(channel, "t", PARTITIONS, PACE)) {
            await("load", () -> writer.acknowledgements() > PACE);
            assertThat(readyStatus()).isEqualTo(200);
            s3.pause();
            long before = writer.unacknowledgedBatches();
            await("batches in flight", () -> writer.unacknowledgedBatches() > before + 10);
            Future<Integer> exit = CompletableFuture.supplyAsync(server::terminate);
            await("end of readiness", () -> readyStatus() == 503);
            await("refusal", () -> writer.rejections() > 0);
            assertThat(exit.isDone()).isFalse();
            assertThat(produceAgain().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            long whenPaused = writer.acknowledgements();
            s3.resume();
            assertThat(exit.get()).isZero();
            assertThat(writer.acknowledgements()).isGreaterThan(whenPaused);
            startAgainAndCheck(writer);
        }
    }

    @Test
    @Tag(SHORT_DRAIN)
    void anUnavailableBucketDelaysTheEndOnlyUntilTheDeadline() throws Exception {
        try (PatientWriter writer = new PatientWriter(channel, "t", PARTITIONS, PACE)) {
            await("load", () -> writer.acknowledgements() > PACE);
            s3.pause();
            long before = writer.unacknowledgedBatches();
            await("batches in flight", () -> writer.unacknowledgedBatches() > before + 10);
            long beganNanos = System.nanoTime();
            assertThat(server.terminate()).isZero();
            assertThat(millisSince(beganNanos)).isGreaterThanOrEqualTo(SHORT_DRAIN_MILLIS);
            s3.resume();
            startAgainAndCheck(writer);
        }
    }

    @Test
    void aWaitingFetchEndsWithARetriableError() throws Exception {
        Iterator<FetchResponse> waiting =
                ClientCalls.blockingServerStreamingCall(
                        channel,
                        FetchGrpc.getFetchMethod(),
                        CallOptions.DEFAULT,
                        FetchRequest.newBuilder()
                                .setMaxWaitMs(60_000)
                                .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                                .build());
        await("waiting fetch", () -> metrics().contains("millrace_fetch_waiting 1.0"));
        assertThat(server.terminate()).isZero();
        StatusRuntimeException ended =
                catchThrowableOfType(StatusRuntimeException.class, waiting::hasNext);
        assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    private void startAgainAndCheck(PatientWriter writer) {
        await("end of the stream", () -> !writer.ends().isEmpty());
        assertThat(writer.ends())
                .allSatisfy(end ->
                        assertThat(Status.fromThrowable(end).getCode())
                                .as(end.toString())
                                .isEqualTo(Status.Code.UNAVAILABLE));
        channel.shutdownNow();
        up(LONG_DRAIN_MILLIS);
        writer.connect(channel);
        writer.finish();
        assertThat(writer.reasons().keySet())
                .isSubsetOf(Reason.SHUTTING_DOWN, Reason.OUT_OF_ORDER_SEQUENCE);
        writer.checkStored(channel);
    }

    /** Returns the status that a late request receives. */
    private Status produceAgain() {
        StatusRuntimeException rejected =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                IngestGrpc.newBlockingStub(channel)
                                        .withDeadlineAfter(5, TimeUnit.SECONDS)
                                        .produce(
                                                ProduceRequest.newBuilder()
                                                        .setTopic("t")
                                                        .setBatch(
                                                                KafkaBatches.wrap(
                                                                        KafkaBatches.batch(
                                                                                new byte[9])))
                                                        .build()));
        return rejected.getStatus();
    }

    private void up(int drainMillis) {
        server =
                MillraceProcess.up(
                        folder.resolve("data"),
                        Map.of(
                                "AWS_ACCESS_KEY_ID", "local",
                                "AWS_SECRET_ACCESS_KEY", "local",
                                "MILLRACE_DRAIN_TIMEOUT_MS", "" + drainMillis),
                        "--bucket",
                        "s3://" + S3ProxyServer.BUCKET,
                        "--s3-endpoint",
                        s3.endpoint().toString());
        channel = server.connect();
    }

    private int readyStatus() {
        return get("/health/ready").statusCode();
    }

    private String metrics() {
        return get("/metrics").body();
    }

    private HttpResponse<String> get(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://localhost:" + server.managementPort() + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long beganNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (millisSince(beganNanos) > 90_000) {
                throw new AssertionError("no " + what + " in 90 seconds");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}

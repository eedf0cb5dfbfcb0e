package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.s3.S3ProxyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bucket fails under load and recovers. */
@Timeout(240)
@Tag("serial")
class BucketOutageIT {

    private static final int PARTITIONS = 4;
    private static final int PACE = 40;

    /** 5 % of 400 MiB, and a quarter more for requests in flight. */
    private static final long INGEST_MEMORY_BYTES = 25L << 20;

    /** A shorter outage must cause no error; a longer one must cause only retriable errors. */
    private static final long UPLOAD_TIMEOUT_MILLIS = 6_000;

    private static final long SHORT_MILLIS = 500;

    /** The number of outages that last until a write is rejected, each after a short one. */
    private static final int LONG_OUTAGES = TestScale.count(1, 2);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    @TempDir Path folder;
    private S3ProxyServer s3;
    private MillraceProcess server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        s3 = S3ProxyServer.start(Files.createDirectories(folder.resolve("s3")));
        up();
        server.createTopic("t", PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.close();
        s3.close();
    }

    @Test
    void serviceSurvivesARestartOfTheBucket() throws Exception {
        outages("killed", s3::kill, s3::restart);
    }

    @Test
    @Tag(TestScale.FULL)
    void serviceSurvivesAnUnresponsiveBucket() throws Exception {
        outages("hung", s3::pause, s3::resume);
    }

    @Test
    void uncachedReadsFailRetriablyDuringAnOutage() throws Exception {
        try (PatientWriter writer = new PatientWriter(channel, "t", PARTITIONS, 0)) {
            await("load", () -> writer.acknowledgements() > 50);
            writer.finish();
        }
        assertThat(server.terminate()).isZero();
        channel.shutdownNow();
        up();
        s3.kill();
        FetchedPartition rejected = PartitionReader.fetch(channel, "t", 0, 0);
        Problem problem = Problem.fromStatus(rejected.getError()).orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(problem.retriable()).isTrue();
        s3.restart();
        assertThat(PartitionReader.all(channel, "t", 0)).isNotEmpty();
    }

    private interface BucketFault {
        void happen() throws Exception;
    }

    private void outages(String what, BucketFault leave, BucketFault comeBack) throws Exception {
        try (PatientWriter writer = new PatientWriter(channel, "t", PARTITIONS, PACE);
                TailReader reader = new TailReader(channel, "t", PARTITIONS)) {
            for (int outage = 0; outage <= LONG_OUTAGES; outage++) {
                boolean isLong = outage > 0;
                long before = writer.acknowledgements();
                await("load", () -> writer.acknowledgements() > before + PACE);
                long rejected = writer.rejections();
                leave.happen();
                long leftNanos = System.nanoTime();
                if (isLong) {
                    writer.setRate(0);
                }
                await(
                        "end of the outage",
                        () -> {
                            readAgain(reader);
                            assertThat(writer.unacknowledgedBatches() * batchBytes())
                                    .as("bytes that are not acknowledged, rejected ones included")
                                    .isLessThan(2 * INGEST_MEMORY_BYTES);
                            return isLong
                                    ? writer.rejections() > rejected
                                    : millisSince(leftNanos) >= SHORT_MILLIS;
                        });
                long awayMillis = millisSince(leftNanos);
                writer.setRate(PACE);
                comeBack.happen();
                long backNanos = System.nanoTime();
                long whenBack = writer.acknowledgements();
                await("acknowledgement", () -> writer.acknowledgements() > whenBack);
                long firstMillis = millisSince(backNanos);
                if (!isLong && awayMillis + firstMillis < UPLOAD_TIMEOUT_MILLIS) {
                    assertThat(writer.rejections()).as("in a short outage").isEqualTo(rejected);
                }
                long highest = highWatermark();
                await("reader", () -> reader.next(0) >= highest);
                System.out.printf(
                        "BucketOutageIT: bucket %s for %d ms; first acknowledgement %d ms after its"
                                + " return, %d refusals, %d batches of back-pressure%n",
                        what,
                        awayMillis,
                        firstMillis,
                        writer.rejections() - rejected,
                        writer.unacknowledgedBatches());
            }
            writer.finish();
            System.out.printf("BucketOutageIT: refusals by reason: %s%n", writer.reasons());
            assertThat(writer.ends()).isEmpty();
            writer.checkStored(channel);
        }
        assertThat(server.terminate()).isZero();
    }

    /** Reads the newest records without the bucket. */
    private void readAgain(TailReader reader) {
        for (int p = 0; p < PARTITIONS; p++) {
            long offset = Math.max(0, reader.next(p) - 1);
            FetchedPartition fetched = PartitionReader.fetch(channel, "t", p, offset);
            assertThat(fetched.hasError()).as(fetched.getError().toString()).isFalse();
            assertThat(KafkaBatches.read(fetched.getBatches()))
                    .anySatisfy(record -> assertThat(record.offset()).isEqualTo(offset));
        }
    }

    private long highWatermark() {
        return PartitionReader.fetch(channel, "t", 0, 0).getHighWatermark();
    }

    private static long batchBytes() {
        return PatientWriter.RECORDS_PER_BATCH * 4000L;
    }

    private void up() {
        server =
                MillraceProcess.up(
                        folder.resolve("data"),
                        Map.of(
                                "AWS_ACCESS_KEY_ID", "local",
                                "AWS_SECRET_ACCESS_KEY", "local",
                                "MILLRACE_UPLOAD_TIMEOUT_MS", "" + UPLOAD_TIMEOUT_MILLIS,
                                "MILLRACE_INGEST_MEMORY_PERCENT", "5"),
                        "--bucket",
                        "s3://" + S3ProxyServer.BUCKET,
                        "--s3-endpoint",
                        s3.endpoint().toString());
        channel = server.connect();
    }

    private static void await(String what, BooleanSupplier condition) {
        long beganNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (millisSince(beganNanos) > 90_000) {
                throw new AssertionError("no " + what + " in 90 seconds");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.OutgoingRecord;
import io.millrace.client.Producer;
import io.millrace.it.faults.Fault;
import io.millrace.it.faults.FaultPlan;
import io.millrace.it.faults.FaultProxy;
import io.millrace.it.faults.Speed;
import io.millrace.storage.object.s3.S3ProxyServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bucket as slow as S3 Standard fails in every way it can, one after the other, under load. */
@Timeout(400)
class FaultyBucketIT {

    /** Many times as long as a request takes that fails at once, with the pauses between them. */
    private static final Duration FAILS_FOR = Duration.ofSeconds(3);

    /** Longer than a request waits for an answer. */
    private static final Duration HANGS_FOR = Duration.ofSeconds(6);

    private static final Duration BACK_WITHIN = Duration.ofSeconds(20);

    private record Injected(Fault fault, double share) {

        boolean hangs() {
            return fault instanceof Fault.Stall
                    || fault instanceof Fault.HalfOpen
                    || fault instanceof Fault.LostReply;
        }
    }

    @TempDir Path folder;

    /** What happens, by name. */
    private static Map<String, List<Injected>> faults() {
        Map<String, List<Injected>> faults = new LinkedHashMap<>();
        faults.put("503 to all requests", List.of(new Injected(Fault.slowDown(), 1)));
        faults.put("500 to all requests", List.of(new Injected(Fault.internalError(), 1)));
        faults.put("all connections reset", List.of(new Injected(new Fault.Reset(), 1)));
        faults.put(
                "half of the requests stall for 5 s",
                List.of(new Injected(new Fault.Stall(Duration.ofSeconds(5)), 0.5)));
        faults.put(
                "20 % errors",
                List.of(
                        new Injected(Fault.slowDown(), 0.05),
                        new Injected(Fault.internalError(), 0.1),
                        new Injected(new Fault.Reset(), 0.05)));
        faults.put("expired credentials", List.of(new Injected(Fault.expiredToken(), 1)));
        faults.put("half-open connections", List.of(new Injected(new Fault.HalfOpen(), 1)));
        faults.put("no reply arrives", List.of(new Injected(new Fault.LostReply(), 1)));
        return faults;
    }

    @Test
    void serviceComesBackByItselfAndNothingIsLost() throws Exception {
        try (S3ProxyServer s3 = S3ProxyServer.start(Files.createDirectories(folder.resolve("s3")));
                FaultProxy proxy =
                        FaultProxy.start(s3.endpoint(), new FaultPlan(42, Speed.S3_STANDARD));
                MillraceProcess server = up(proxy);
                MillraceClient client = MillraceClient.connect(server.address());
                Producer producer = client.producer();
                VerifyProcess verify =
                        VerifyProcess.startEndless(server.address(), "--rate", "500k")) {
            client.topics().create("probe", 1, Map.of());
            probe(producer);
            faults().forEach((name, injected) -> {
                long met = proxy.plan().faults();
                injected.forEach(each -> proxy.plan().inject(each.fault(), each.share()));
                Duration lasts =
                        injected.stream().anyMatch(Injected::hangs) ? HANGS_FOR : FAILS_FOR;
                pause(lasts);
                proxy.plan().heal();
                Duration back = probe(producer);
                System.out.printf(
                        "FaultyBucketIT: %s for %d s, %d times: back after %d ms%n",
                        name, lasts.toSeconds(), proxy.plan().faults() - met, back.toMillis());
                assertThat(proxy.plan().faults()).as(name).isGreaterThan(met);
                assertThat(back).as(name).isLessThan(BACK_WITHIN);
                assertThat(verify.isAlive()).as("verify, after " + name).isTrue();
            });
            VerifyProcess.Result result = verify.finish();
            System.out.printf("FaultyBucketIT: %s%s", result.err(), result.out());
            assertThat(result.exit()).as(result.toString()).isZero();
            assertThat(result.out()).startsWith("Verified: ");
        }
    }

    private MillraceProcess up(FaultProxy proxy) {
        return MillraceProcess.up(
                folder.resolve("data"),
                Map.of("AWS_ACCESS_KEY_ID", "local", "AWS_SECRET_ACCESS_KEY", "local"),
                "--bucket",
                "s3://" + S3ProxyServer.BUCKET,
                "--s3-endpoint",
                proxy.endpoint().toString());
    }

    /** How long a record takes to be stored. */
    private static Duration probe(Producer producer) {
        long began = System.nanoTime();
        producer.send(OutgoingRecord.of("probe", null, "x".getBytes(StandardCharsets.UTF_8)))
                .join();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static void pause(Duration duration) {
        long began = System.nanoTime();
        for (long left = duration.toNanos();
                left > 0;
                left = duration.toNanos() - (System.nanoTime() - began)) {
            LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }
}

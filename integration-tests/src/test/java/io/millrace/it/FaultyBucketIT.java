package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.it.faults.Fault;
import io.millrace.it.faults.FaultPlan;
import io.millrace.it.faults.FaultProxy;
import io.millrace.it.faults.Speed;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bucket as slow as S3 Standard fails in every way, one after another, under load. */
@Timeout(400)
class FaultyBucketIT {

    /**
     * The number of requests, including retries, that a fault with an immediate error must affect.
     */
    private static final int FAILURES = 10;

    /** Longer than the timeout of a request. */
    private static final Duration HANGS_FOR = Duration.ofSeconds(6);

    private static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", "local", "AWS_SECRET_ACCESS_KEY", "local");

    private record InjectedFault(Fault fault, double share) {

        boolean hangs() {
            return fault instanceof Fault.Stall
                    || fault instanceof Fault.HalfOpen
                    || fault instanceof Fault.LostReply;
        }
    }

    private static final String RESETS = "all connections reset";
    private static final String SOME_ERRORS = "20 % errors";
    private static final String NO_REPLIES = "no reply arrives";
    private static final List<String> FAST_FAULTS = List.of(RESETS, SOME_ERRORS, NO_REPLIES);

    @TempDir Path folder;

    /** Returns the faults by name. */
    private static Map<String, List<InjectedFault>> faults() {
        Map<String, List<InjectedFault>> faults = allFaults();
        List<String> all = List.copyOf(faults.keySet());
        faults.keySet().retainAll(TestScale.cases(FAST_FAULTS, all));
        return faults;
    }

    private static Map<String, List<InjectedFault>> allFaults() {
        Map<String, List<InjectedFault>> faults = new LinkedHashMap<>();
        faults.put("503 to all requests", List.of(new InjectedFault(Fault.slowDown(), 1)));
        faults.put("500 to all requests", List.of(new InjectedFault(Fault.internalError(), 1)));
        faults.put(RESETS, List.of(new InjectedFault(new Fault.Reset(), 1)));
        faults.put(
                "half of the requests stall for 5 s",
                List.of(new InjectedFault(new Fault.Stall(Duration.ofSeconds(5)), 0.5)));
        faults.put(
                SOME_ERRORS,
                List.of(
                        new InjectedFault(Fault.slowDown(), 0.05),
                        new InjectedFault(Fault.internalError(), 0.1),
                        new InjectedFault(new Fault.Reset(), 0.05)));
        faults.put("expired credentials", List.of(new InjectedFault(Fault.expiredToken(), 1)));
        faults.put("half-open connections", List.of(new InjectedFault(new Fault.HalfOpen(), 1)));
        faults.put(NO_REPLIES, List.of(new InjectedFault(new Fault.LostReply(), 1)));
        return faults;
    }

    @Test
    void aServerRecoversFromEveryFaultWithoutLoss() throws Exception {
        SharedServers.Bucket s3 = SharedServers.newBucket();
        try (FaultProxy proxy = before(s3);
                MillraceProcess server = up(s3, proxy);
                Probe probe = new Probe(server.address());
                VerifyProcess verify =
                        VerifyProcess.startEndless(server.address(), "--rate", "500k")) {
            endure("one server", proxy.plan(), probe::store, verify);
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void aClusterRecoversFromEveryFaultWithoutLoss() throws Exception {
        SharedServers.Bucket s3 = SharedServers.newBucket();
        try (FaultProxy proxy = before(s3);
                EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1)) {
            List<MillraceProcess> nodes = cluster(etcd, s3, proxy);
            List<ManagedChannel> fetching =
                    nodes.subList(2, 4).stream().map(MillraceProcess::connect).toList();
            String all =
                    nodes.stream().map(MillraceProcess::address).collect(Collectors.joining(","));
            try (Probe first = new Probe(nodes.get(0).address());
                    Probe second = new Probe(nodes.get(1).address());
                    VerifyProcess verify =
                            VerifyProcess.startEndless(all, "--rate", "200k", "--readers", "2")) {
                AtomicLong stored = new AtomicLong();
                endure(
                        "cluster",
                        proxy.plan(),
                        () -> {
                            long began = System.nanoTime();
                            CompletableFuture<?> beside =
                                    CompletableFuture.supplyAsync(first::store);
                            second.store();
                            beside.join();
                            long last = stored.addAndGet(2) - 1;
                            fetching.forEach(node -> awaitRecord(node, last));
                            return Duration.ofNanos(System.nanoTime() - began);
                        },
                        verify);
            } finally {
                fetching.forEach(ManagedChannel::shutdownNow);
                nodes.forEach(MillraceProcess::close);
            }
        }
    }

    /**
     * Injects and ends the faults one after another.
     *
     * @param probe uses every service and returns the time needed
     */
    private static void endure(
            String who, FaultPlan plan, Supplier<Duration> probe, VerifyProcess verify) {
        System.out.printf(
                "FaultyBucketIT: %s: without a fault it takes %d ms%n",
                who, probe.get().toMillis());
        faults().forEach((name, injected) -> {
            long met = plan.faults();
            injected.forEach(each -> plan.inject(each.fault(), each.share()));
            long beganNanos = System.nanoTime();
            boolean hangs = injected.stream().anyMatch(InjectedFault::hangs);
            // The start of verify may be so slow that no request was sent yet.
            Eventually.await(name, () -> plan.faults() >= met + (hangs ? 1 : FAILURES));
            if (hangs) {
                pause(HANGS_FOR);
            }
            plan.heal();
            Duration lasted = Duration.ofNanos(System.nanoTime() - beganNanos);
            Duration back = probe.get();
            System.out.printf(
                    "FaultyBucketIT: %s: %s for %d ms, %d times: back after %d ms%n",
                    who, name, lasted.toMillis(), plan.faults() - met, back.toMillis());
            assertThat(verify.isAlive()).as("verify, after " + name).isTrue();
        });
        VerifyProcess.Result result = verify.finish();
        System.out.printf("FaultyBucketIT: %s: %s%s", who, result.err(), result.out());
        result.assertAllIsThere();
    }

    private static FaultProxy before(SharedServers.Bucket s3) throws Exception {
        return FaultProxy.start(s3.endpoint(), new FaultPlan(42, Speed.S3_STANDARD));
    }

    private MillraceProcess up(SharedServers.Bucket s3, FaultProxy proxy) {
        return MillraceProcess.up(
                folder.resolve("data"),
                CREDENTIALS,
                "--bucket",
                s3.url(),
                "--s3-endpoint",
                proxy.endpoint().toString());
    }

    /** Starts two ingest nodes, then two fetch nodes, one of each kind in each of two zones. */
    private static List<MillraceProcess> cluster(
            EtcdServer etcd, SharedServers.Bucket s3, FaultProxy proxy) {
        Map<String, String> environment = new HashMap<>(CREDENTIALS);
        environment.put("MILLRACE_NODE_LEASE_S", "5");
        // So that the log is sealed into the bucket during faults.
        environment.put("MILLRACE_SEAL_AGE_S", "1");
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (String role : List.of("ingest", "fetch")) {
            for (String zone : List.of("a", "b")) {
                launched.add(
                        MillraceProcess.launchNode(
                                0,
                                environment,
                                "--etcd",
                                etcd.endpoints().getFirst().toString(),
                                "--bucket",
                                s3.url(),
                                "--s3-endpoint",
                                proxy.endpoint().toString(),
                                "--node-id",
                                role + "-" + zone,
                                "--zone",
                                zone,
                                "--roles",
                                role));
            }
        }
        return MillraceProcess.allReady(launched);
    }

    /** Waits until the node returns that record of the probes. Earlier errors must be retriable. */
    private static void awaitRecord(ManagedChannel node, long offset) {
        LinkedCluster.await(
                "record through a fetch node",
                () -> {
                    FetchedPartition fetched = PartitionReader.fetch(node, Probe.TOPIC, 0, offset);
                    Optional<Problem> problem = Problem.fromStatus(fetched.getError());
                    if (fetched.hasError()) {
                        assertThat(problem.orElseThrow().retriable())
                                .as(problem.toString())
                                .isTrue();
                        return false;
                    }
                    return KafkaBatches.read(fetched.getBatches()).stream()
                            .anyMatch(record -> record.offset() == offset);
                });
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

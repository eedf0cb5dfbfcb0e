package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.runtime.SystemAccess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Node processes that are started, replaced and ended as Kubernetes does with the pods of the
 * manifests: a pod has a new id and port, a rollout starts the new pod before the old one ends.
 * Used by one thread.
 */
@SystemAccess("waits for other processes")
final class RolloutCluster implements AutoCloseable {

    /** A version of Millrace. */
    enum Version {
        CURRENT,
        LATER
    }

    /**
     * The properties of a pod.
     *
     * @param role a role, or several separated by commas
     */
    record Pod(String name, String role, String zone) {}

    private final Path folder;
    private final EtcdServer etcd;
    private final Map<String, MillraceProcess> nodes = new LinkedHashMap<>();

    RolloutCluster(Path folder) throws Exception {
        this.folder = folder;
        this.etcd = EtcdServer.start(folder.resolve("etcd"));
    }

    MillraceProcess.Launched launch(Version version, Pod pod) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("millrace.etcd", etcd.endpoints().getFirst().toString());
        settings.put("millrace.bucket", "file:" + folder.resolve("bucket"));
        settings.put("millrace.node-id", pod.name());
        settings.put("millrace.roles", pod.role());
        settings.put("millrace.zone", pod.zone());
        settings.put("millrace.node-lease-s", "4");
        if (pod.role().contains("ingest") && pod.role().contains("fetch")) {
            settings.put("millrace.kafka-port", "0");
        }
        if (version == Version.LATER) {
            settings.put("millrace.grpc-port", "0");
            return LaterVersion.launch(settings);
        }
        Map<String, String> environment = new TreeMap<>();
        settings.forEach((key, value) ->
                environment.put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));
        return MillraceProcess.launchNode(0, environment);
    }

    /** Starts pods in parallel. */
    void start(Version version, Pod... pods) {
        List<MillraceProcess> started =
                MillraceProcess.allReady(
                        Arrays.stream(pods).map(pod -> launch(version, pod)).toList());
        for (int i = 0; i < pods.length; i++) {
            nodes.put(pods[i].name(), started.get(i));
        }
    }

    /** Starts a pod and then ends another one. */
    void replace(String old, Version version, Pod pod) {
        start(version, pod);
        end(old);
    }

    /** Ends pods at the same time, as the kubelet does, and waits for their ends. */
    void end(String... names) {
        List<MillraceProcess> ending = new ArrayList<>();
        for (String name : names) {
            ending.add(Objects.requireNonNull(nodes.remove(name)));
        }
        ending.forEach(MillraceProcess::sendTerm);
        assertThat(ending)
                .allSatisfy(node ->
                        assertThat(node.awaitEnd()).as("exit code: " + node.errors()).isZero());
    }

    MillraceProcess node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    String addresses() {
        return String.join(",", nodes.values().stream().map(MillraceProcess::address).toList());
    }

    /** Returns the addresses for Kafka clients. */
    String kafkaAddresses() {
        return String.join(
                ",", nodes.values().stream().map(MillraceProcess::kafkaAddress).toList());
    }

    static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new AssertionError("no " + what + " in 60 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    @Override
    public void close() throws Exception {
        nodes.values().forEach(MillraceProcess::close);
        etcd.close();
    }
}

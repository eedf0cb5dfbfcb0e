package io.millrace.it;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.LogManifest;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Nodes of a cluster, each a process with its own links to etcd and an S3 server. Leases and the
 * epochs of the log are short. Used by one thread.
 */
@SystemAccess("waits for other processes")
final class LinkedCluster implements AutoCloseable {

    private static final int WAIT_SECONDS = 90;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PUTS_AT_ONCE = 300;

    static final class Node implements AutoCloseable {
        final Link etcd;
        final Link bucket;
        private final String id;
        private final String bucketUrl;
        private final int port;
        private @Nullable MillraceProcess process;
        private MillraceProcess.@Nullable Launched launched;

        private Node(String id, Link etcd, Link bucket, String bucketUrl) {
            this.id = id;
            this.bucketUrl = bucketUrl;
            this.etcd = etcd;
            this.bucket = bucket;
            this.port = MillraceProcess.stablePort();
        }

        MillraceProcess process() {
            return Objects.requireNonNull(process);
        }

        private MillraceProcess.Launched launch(Map<String, String> more) {
            Map<String, String> environment = new HashMap<>(more);
            environment.put("MILLRACE_NODE_LEASE_S", "2");
            environment.put("MILLRACE_SEAL_AGE_S", "1");
            environment.put("AWS_ACCESS_KEY_ID", "local");
            environment.put("AWS_SECRET_ACCESS_KEY", "local");
            return MillraceProcess.launchNode(
                    port,
                    environment,
                    "--etcd",
                    etcd.endpoint().toString(),
                    "--bucket",
                    bucketUrl,
                    "--s3-endpoint",
                    bucket.endpoint().toString(),
                    "--node-id",
                    id);
        }

        /** Kills the process and drops all messages in flight. */
        void kill() throws IOException {
            process().kill();
            etcd.cut();
            bucket.cut();
            mend();
        }

        void start() {
            start(Map.of());
        }

        /** Starts the process with additional environment variables. */
        void start(Map<String, String> environment) {
            process = launch(environment).awaitReady();
        }

        /** Starts the process without waiting; see {@link #awaitReady}. */
        void startWithoutWaiting() {
            launched = launch(Map.of());
        }

        boolean isReady() {
            return launched == null;
        }

        /** Waits until a started process is ready. */
        void awaitReady() {
            if (launched != null) {
                process = launched.awaitReady();
                launched = null;
            }
        }

        void mend() {
            etcd.mend();
            bucket.mend();
        }

        @Override
        public void close() throws IOException {
            if (process != null) {
                process.close();
            }
            if (launched != null) {
                launched.process().destroyForcibly();
            }
            etcd.close();
            bucket.close();
        }
    }

    final EtcdServer server;
    private final SharedServers.Bucket s3;
    private final List<Node> nodes = new ArrayList<>();
    private final ThreadedEventLoop own = new ThreadedEventLoop();
    private final Etcd etcd;

    private LinkedCluster(EtcdServer server, SharedServers.Bucket s3) {
        this.server = server;
        this.s3 = s3;
        this.etcd =
                JetcdEtcd.open(
                        new EtcdSettings(
                                server.endpoints(),
                                Optional.empty(),
                                Optional.empty(),
                                PATIENCE,
                                PATIENCE),
                        own.loop,
                        new SplittableRandom(1));
    }

    /** Starts a cluster of the given number of nodes. */
    static LinkedCluster start(Path folder, int nodes) throws IOException, InterruptedException {
        EtcdServer server = EtcdServer.start(folder.resolve("etcd"));
        SharedServers.Bucket s3 = SharedServers.newBucket();
        LinkedCluster cluster = new LinkedCluster(server, s3);
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            launched.add(cluster.link().launch(Map.of()));
        }
        List<MillraceProcess> ready = MillraceProcess.allReady(launched);
        for (int i = 0; i < nodes; i++) {
            cluster.node(i).process = ready.get(i);
        }
        return cluster;
    }

    private Node link() throws IOException {
        Node node =
                new Node(
                        "n" + nodes.size(),
                        Link.toEtcd(server.endpoints().getFirst()),
                        Link.toBucket(s3.endpoint()),
                        s3.url());
        nodes.add(node);
        return node;
    }

    /** Starts another node with additional environment variables. */
    Node add(Map<String, String> environment) throws IOException {
        Node added = link();
        added.start(environment);
        return added;
    }

    Node node(int number) {
        return nodes.get(number);
    }

    List<Node> nodes() {
        return nodes;
    }

    /** Returns all nodes, for the {@code --server} option. */
    String addresses() {
        return nodes.stream()
                .map(node -> node.process().address())
                .collect(Collectors.joining(","));
    }

    /** Returns the number of archived epochs, from the log manifest in etcd. */
    long archivedEpochs() {
        return own.call(() ->
                etcd.txn(
                                List.of(),
                                List.of(new Etcd.Op.Get("/millrace/millrace/manifest")),
                                List.of())
                        .thenApply(found ->
                                found.gets()
                                                .getFirst()
                                                .map(key ->
                                                        LogManifest.parse(key.value(), key.key()))
                                                .orElse(LogManifest.EMPTY)
                                                .firstLiveEpoch()
                                        - 1));
    }

    /** Returns the number of log entries in etcd, at most a thousand. */
    int liveEntries() {
        return own.call(() ->
                etcd.range("/millrace/millrace/log/0", "/millrace/millrace/log/:", 0, 1_000)
                        .thenApply(page -> page.keys().size()));
    }

    /** Adds revisions to etcd's history, as if the cluster were older. */
    void addHistory(int revisions) {
        for (int made = 0; made < revisions; made += PUTS_AT_ONCE) {
            own.call(() -> {
                List<CompletableFuture<?>> puts = new ArrayList<>();
                for (int i = 0; i < PUTS_AT_ONCE; i++) {
                    Etcd.Op put = new Etcd.Op.Put("/other", new byte[0]);
                    puts.add(etcd.txn(List.of(), List.of(put), List.of()));
                }
                return CompletableFuture.allOf(puts.toArray(new CompletableFuture<?>[0]))
                        .thenApply(done -> true);
            });
        }
    }

    /** Waits until a condition is true. */
    static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new AssertionError("no " + what + " in " + WAIT_SECONDS + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /** Lets time pass during a state that must last. */
    void pass(Duration time) {
        own.pass(time);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Node node : nodes) {
            node.close();
        }
        own.run(etcd::close);
        own.close();
        server.close();
    }
}

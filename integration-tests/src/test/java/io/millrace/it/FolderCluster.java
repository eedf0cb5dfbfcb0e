package io.millrace.it;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.placement.Rendezvous;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Nodes that share a folder as their bucket, with the {@link SharedServers#etcd shared etcd} unless
 * the test stops etcd. A restarted node keeps its address. Used by one thread.
 */
final class FolderCluster implements AutoCloseable {

    /** The lease of a node, unless a test sets another. */
    static final Duration SHORT_LIFE = Duration.ofSeconds(4);

    final EtcdServer etcd;
    private final boolean ownsEtcd;
    private final String name;
    private final Path folder;
    private final Duration life;
    private final Map<String, String> roles = new HashMap<>();
    private final Map<String, URI> ways = new HashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, MillraceProcess> nodes = new LinkedHashMap<>();

    private FolderCluster(EtcdServer etcd, boolean ownsEtcd, Path folder, Duration life) {
        this.etcd = etcd;
        this.ownsEtcd = ownsEtcd;
        this.name = SharedServers.newName();
        this.folder = folder;
        this.life = life;
    }

    /** Returns a cluster without nodes. */
    static FolderCluster empty(Path folder, Duration life)
            throws IOException, InterruptedException {
        return new FolderCluster(SharedServers.etcd(), false, folder, life);
    }

    /** Returns a cluster of nodes with all roles and short leases. */
    static FolderCluster of(Path folder, String... ids) throws IOException, InterruptedException {
        FolderCluster cluster = empty(folder, SHORT_LIFE);
        cluster.start(ids);
        return cluster;
    }

    /** As {@link #of}, with an etcd that the test may stop. */
    static FolderCluster withOwnEtcd(Path folder, String... ids)
            throws IOException, InterruptedException {
        EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"));
        FolderCluster cluster = new FolderCluster(etcd, true, folder, SHORT_LIFE);
        cluster.start(ids);
        return cluster;
    }

    /** Restricts a node to one role. Before its start. */
    FolderCluster roles(String id, String only) {
        roles.put(id, only);
        return this;
    }

    /** Sets environment variables of all nodes. Before their start. */
    FolderCluster environment(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** Sets the address at which a node reaches etcd. Before its start. */
    FolderCluster way(String id, URI toEtcd) {
        ways.put(id, toEtcd);
        return this;
    }

    /** Starts nodes in parallel and waits until all are ready. */
    void start(String... ids) {
        List<MillraceProcess.Launched> launched = new ArrayList<>();
        for (String id : ids) {
            launched.add(launch(id));
        }
        List<MillraceProcess> ready = MillraceProcess.allReady(launched);
        for (int i = 0; i < ids.length; i++) {
            nodes.put(ids[i], ready.get(i));
        }
    }

    private MillraceProcess.Launched launch(String id) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("MILLRACE_NODE_LEASE_S", Long.toString(life.toSeconds()));
        variables.put("MILLRACE_CLUSTER", name);
        return MillraceProcess.launchNode(
                ports.computeIfAbsent(id, any -> MillraceProcess.stablePort()),
                variables,
                "--etcd",
                ways.containsKey(id) ? ways.get(id).toString() : etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                id,
                "--roles",
                roles.getOrDefault(id, "ingest,fetch"));
    }

    /** Returns the name of the cluster, for {@code --cluster}. */
    String name() {
        return name;
    }

    MillraceProcess node(String id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    /** Returns all nodes, for the {@code --server} option. */
    String addresses() {
        return nodes.values().stream()
                .map(MillraceProcess::address)
                .collect(Collectors.joining(","));
    }

    /** Returns the standard errors of all nodes. */
    String errors() {
        return nodes.values().stream()
                .map(MillraceProcess::errors)
                .collect(Collectors.joining("\n"));
    }

    /** Returns a group that the given node coordinates, if it is the first to use the group. */
    static String groupOf(String node, Set<String> nodes) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "g" + i)
                .filter(id -> Rendezvous.first(nodes, id).orElseThrow().equals(node))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        nodes.values().forEach(MillraceProcess::close);
        if (ownsEtcd) {
            etcd.close();
        }
    }
}

package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link NodeRegistry} current: requests the list of nodes periodically and after a
 * failure, and probes each node at its own address. Starts at the first request for a route. Owner:
 * as for {@link NodeCalls}.
 */
public final class NodeDiscovery implements NodeCalls {

    /** Short, because new nodes carry their share once clients know them. */
    private static final Duration REFRESH = Duration.ofSeconds(4);

    private static final Duration TICK = Duration.ofMillis(100);

    private final IoThread io;
    private final Connections connections;
    private final List<ClientSettings.Address> bootstrap;
    private final NodeRegistry registry;
    private final SilenceLimits silence;
    private final Backoff searchBackoff;
    private final RandomGenerator random;
    private final Set<Runnable> listeners = new CopyOnWriteArraySet<>();
    private volatile Connection home;
    private volatile List<Connection> usableNodes = List.of();
    private final Set<Role> unservedRoles = EnumSet.noneOf(Role.class);
    private boolean started;
    private boolean searching;
    private boolean ticking;
    private int failedSearches;
    private boolean refreshScheduled;
    private long refreshAtNanos;
    private @Nullable Connection decidedHome;

    public NodeDiscovery(
            ClientSettings settings,
            IoThread io,
            Connections connections,
            SilenceLimits silence,
            Backoff searches,
            RandomGenerator random) {
        this.io = io;
        this.connections = connections;
        this.bootstrap = settings.addresses();
        this.registry = new NodeRegistry(settings.zone());
        this.silence = silence;
        this.searchBackoff = searches;
        this.random = random;
        this.home = connections.to(bootstrap.getFirst());
    }

    @Override
    public SilenceLimits silenceLimits() {
        return silence;
    }

    @Override
    public @Nullable Connection route(Role role, TopicPartition partition) {
        requireRole(role);
        return switch (registry.placement(role)) {
            case NodePlacement.Unplaced(String why) -> null;
            case NodePlacement.Home() -> home;
            case NodePlacement.Spread spread -> connections.to(spread.nodeOf(partition).address());
        };
    }

    @Override
    public String unavailableReason(Role role) {
        return registry.placement(role) instanceof NodePlacement.Unplaced(String why)
                ? why
                : "a node has just become available";
    }

    @Override
    public boolean hasAlternative(Role role, Connection than) {
        return switch (registry.placement(role)) {
            case NodePlacement.Unplaced(String why) -> false;
            case NodePlacement.Home() -> home != than;
            case NodePlacement.Spread(var nodes) ->
                    nodes.values().stream().anyMatch(node -> !isAt(node, than));
        };
    }

    @Override
    public void reportFailure(Connection node, String why) {
        ClusterNode failed = registry.usableAt(node.endpoint());
        if (failed != null) {
            registry.failed(failed, io.nanoTime(), why);
            updatePlacements();
        }
        refreshWithin(TICK);
    }

    @Override
    public void reportSuccess(Connection node, Role role) {
        if (unservedRoles.contains(role)) {
            ClusterNode serving = registry.usableAt(node.endpoint());
            if (serving != null) {
                registry.served(serving, role);
                updatePlacements();
                if (!registry.isAnyUnserved(role)) {
                    unservedRoles.remove(role);
                }
            }
        }
    }

    @Override
    public boolean reportUnserved(Connection node, Role role, boolean atOnce) {
        ClusterNode failing = registry.usableAt(node.endpoint());
        if (failing == null) {
            return false;
        }
        unservedRoles.add(role);
        boolean aside = registry.unserved(failing, role, io.nanoTime(), atOnce);
        if (aside) {
            updatePlacements();
        }
        return aside;
    }

    @Override
    public CompletableFuture<Boolean> probe(Connection silent) {
        ClusterNode doubted = registry.usableAt(silent.endpoint());
        if (doubted != null && registry.tryBeginProbe(doubted)) {
            return probeNode(doubted);
        }
        return CompletableFuture.completedFuture(doubted != null || !isLost(silent));
    }

    @Override
    public boolean isLost(Connection node) {
        boolean isHomeInUse = node == home && registry.usesHome();
        return !isHomeInUse && registry.usableAt(node.endpoint()) == null;
    }

    @Override
    public void addListener(Runnable changed) {
        listeners.add(changed);
    }

    @Override
    public void removeListener(Runnable changed) {
        listeners.remove(changed);
    }

    @Override
    public List<Connection> anyNodes() {
        Set<Connection> all = new LinkedHashSet<>(List.of(home));
        all.addAll(usableNodes);
        all.addAll(connections.to(bootstrap));
        return List.copyOf(all);
    }

    @Override
    public void reportAnswered(Connection node) {
        if (home != node && !usableNodes.contains(node)) {
            home = node;
        }
    }

    private static boolean isAt(ClusterNode node, Connection connection) {
        return node.address().equals(connection.endpoint());
    }

    private void requireRole(Role role) {
        if (registry.requireRole(role)) {
            if (!started) {
                started = true;
                search();
            }
            updatePlacements();
        }
    }

    private void search() {
        if (searching) {
            return;
        }
        searching = true;
        List<Connection> candidates = new ArrayList<>(usableNodes);
        Collections.shuffle(candidates, Random.from(random));
        // Nodes set aside are tried last: a partitioned node may have an outdated list.
        candidates.sort(Comparator.comparing(this::isAside));
        Set<Connection> order = new LinkedHashSet<>();
        if (candidates.isEmpty()) {
            order.add(home);
        }
        order.addAll(candidates);
        order.addAll(connections.to(bootstrap));
        searchAt(List.copyOf(order), 0);
    }

    private boolean isAside(Connection node) {
        ClusterNode known = registry.usableAt(node.endpoint());
        return known != null && registry.isSetAside(known, io.nanoTime());
    }

    private void searchAt(List<Connection> order, int index) {
        if (index == order.size()) {
            searching = false;
            registry.searchFailed();
            home = connections.to(bootstrap.get(failedSearches % bootstrap.size()));
            refreshWithin(searchBackoff.pauseAfter(++failedSearches));
            updatePlacements();
            return;
        }
        Connection asked = order.get(index);
        describe(asked)
                .whenComplete((answer, failure) ->
                        io.run(() -> {
                            if (answer != null && isSameCluster(answer)) {
                                update(asked, answer);
                            } else if (isOldServer(failure) && registry.cluster() == null) {
                                update(asked, DescribeClusterResponse.getDefaultInstance());
                            } else {
                                searchAt(order, index + 1);
                            }
                        }));
    }

    private static boolean isOldServer(@Nullable Throwable failure) {
        return failure != null
                && UnaryCalls.failureOf(failure) instanceof MillraceException.Rejected rejected
                && !rejected.retriable();
    }

    private boolean isSameCluster(DescribeClusterResponse answer) {
        String cluster = registry.cluster();
        return cluster == null || cluster.equals(answer.getCluster());
    }

    private void update(Connection from, DescribeClusterResponse answer) {
        searching = false;
        failedSearches = 0;
        home = from;
        if (answer.getNodesCount() == 0 && registry.cluster() == null) {
            // A standalone server, or a node that has not discovered the cluster yet.
            registry.searchFailed();
        } else if (answer.getNodesCount() > 0) {
            registry.update(ClusterDescription.of(answer), io.nanoTime());
        }
        long max = REFRESH.toNanos();
        refreshWithin(Duration.ofNanos(max * 3 / 4 + random.nextLong(max / 2)));
        updatePlacements();
        Set<ClientSettings.Address> kept = new LinkedHashSet<>(bootstrap);
        kept.add(from.endpoint());
        answer.getNodesList()
                .forEach(node ->
                        kept.add(new ClientSettings.Address(node.getHost(), node.getPort())));
        connections.keepOnly(kept);
    }

    private CompletableFuture<DescribeClusterResponse> describe(Connection node) {
        node.resetBackoff();
        return UnaryCalls.query(
                node,
                AdminGrpc.getDescribeClusterMethod(),
                DescribeClusterRequest.getDefaultInstance(),
                silence.answer());
    }

    private CompletableFuture<Boolean> probeNode(ClusterNode node) {
        CompletableFuture<Boolean> isThere = new CompletableFuture<>();
        var unused =
                describe(connections.to(node.address()))
                        .whenComplete((answer, failure) ->
                                io.run(() -> {
                                    received(node, answer);
                                    isThere.complete(answer != null);
                                }));
        return isThere;
    }

    private void received(ClusterNode node, @Nullable DescribeClusterResponse answer) {
        long now = io.nanoTime();
        if (answer == null) {
            registry.failed(node, now, "no response");
            refreshWithin(TICK);
        } else if (!answer.getNodeId().equals(node.id()) || !isSameCluster(answer)) {
            String found = "the address belongs to node %s of cluster %s";
            registry.failed(node, now, found.formatted(answer.getNodeId(), answer.getCluster()));
        } else {
            registry.answered(node, now);
        }
        updatePlacements();
    }

    private void updatePlacements() {
        long now = io.nanoTime();
        boolean changed = registry.updatePlacements(now) | home != decidedHome;
        decidedHome = home;
        usableNodes =
                connections.to(registry.usable(now).stream().map(ClusterNode::address).toList());
        registry.dueProbes(now).forEach(this::probeNode);
        if (changed) {
            listeners.forEach(io::execute);
        }
        if (!ticking && registry.mayChangeWithTime(now)) {
            ticking = true;
            io.schedule(
                    TICK,
                    () -> {
                        ticking = false;
                        updatePlacements();
                    });
        }
    }

    private void refreshWithin(Duration delay) {
        long at = io.nanoTime() + delay.toNanos();
        if (refreshScheduled && refreshAtNanos - at <= 0) {
            return;
        }
        refreshScheduled = true;
        refreshAtNanos = at;
        io.schedule(
                delay,
                () -> {
                    if (refreshScheduled && at == refreshAtNanos) {
                        refreshScheduled = false;
                        search();
                    }
                });
    }
}

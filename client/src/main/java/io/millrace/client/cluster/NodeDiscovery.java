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
 * Keeps the {@link NodeRegistry} current. Requests the list of nodes from one of the nodes,
 * periodically and at once after a failure, and probes each node at its own address. Starts at the
 * first request for a route; clients that only administer need no discovery. Owner: the I/O thread,
 * except for {@link #anybody} and {@link #answered}.
 */
public final class NodeDiscovery implements NodeCalls {

    private static final Duration REFRESH = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(100);

    private final IoThread io;
    private final Connections connections;
    private final List<ClientSettings.Address> bootstrap;
    private final NodeRegistry roster;
    private final SilenceLimits silence;
    private final Backoff searches;
    private final RandomGenerator random;
    private final Set<Runnable> listeners = new CopyOnWriteArraySet<>();
    private volatile Connection home;
    private volatile List<Connection> good = List.of();
    private final Set<Role> inTrouble = EnumSet.noneOf(Role.class);
    private boolean started;
    private boolean searching;
    private boolean ticking;
    private int searchesInVain;
    private boolean refreshScheduled;
    private long refreshAtNanos;
    private @Nullable Connection decidedHome;

    /**
     * @param silence the limits on the silence of each node
     * @param searches the backoff after failed searches
     * @param random the source of randomness that spreads clients over nodes and time
     */
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
        this.roster = new NodeRegistry(settings.zone());
        this.silence = silence;
        this.searches = searches;
        this.random = random;
        this.home = connections.to(bootstrap.getFirst());
    }

    @Override
    public SilenceLimits silenceLimits() {
        return silence;
    }

    @Override
    public @Nullable Connection route(Role role, TopicPartition partition) {
        want(role);
        return switch (roster.placement(role)) {
            case NodePlacement.Nowhere(String why) -> null;
            case NodePlacement.Home() -> home;
            case NodePlacement.Spread spread -> connections.to(spread.nodeOf(partition).address());
        };
    }

    @Override
    public String why(Role role) {
        return roster.placement(role) instanceof NodePlacement.Nowhere(String why)
                ? why
                : "a node has just become available";
    }

    @Override
    public boolean hasOther(Role role, Connection than) {
        return switch (roster.placement(role)) {
            case NodePlacement.Nowhere(String why) -> false;
            case NodePlacement.Home() -> home != than;
            case NodePlacement.Spread(var nodes) ->
                    nodes.values().stream().anyMatch(node -> !isAt(node, than));
        };
    }

    @Override
    public void failed(Connection node, String why) {
        ClusterNode failed = roster.goodAt(node.at());
        if (failed != null) {
            roster.failed(failed, io.nanoTime(), why);
            decide();
        }
        refreshWithin(TICK);
    }

    @Override
    public void served(Connection node, Role role) {
        if (inTrouble.contains(role)) {
            ClusterNode serving = roster.goodAt(node.at());
            if (serving != null) {
                roster.served(serving, role);
                decide();
                if (!roster.isAnyUnserved(role)) {
                    inTrouble.remove(role);
                }
            }
        }
    }

    @Override
    public boolean unserved(Connection node, Role role, boolean atOnce) {
        ClusterNode failing = roster.goodAt(node.at());
        if (failing == null) {
            return false;
        }
        inTrouble.add(role);
        boolean aside = roster.unserved(failing, role, io.nanoTime(), atOnce);
        if (aside) {
            decide();
        }
        return aside;
    }

    @Override
    public CompletableFuture<Boolean> doubt(Connection silent) {
        ClusterNode doubted = roster.goodAt(silent.at());
        if (doubted != null && roster.mayAsk(doubted)) {
            return ask(doubted);
        }
        return CompletableFuture.completedFuture(doubted != null || !isLost(silent));
    }

    @Override
    public boolean isLost(Connection node) {
        boolean isHomeInUse = node == home && roster.usesHome();
        return !isHomeInUse && roster.goodAt(node.at()) == null;
    }

    @Override
    public void join(Runnable changed) {
        listeners.add(changed);
    }

    @Override
    public void leave(Runnable changed) {
        listeners.remove(changed);
    }

    @Override
    public List<Connection> anybody() {
        Set<Connection> all = new LinkedHashSet<>(List.of(home));
        all.addAll(good);
        all.addAll(connections.to(bootstrap));
        return List.copyOf(all);
    }

    @Override
    public void answered(Connection node) {
        if (home != node && !good.contains(node)) {
            home = node;
        }
    }

    private static boolean isAt(ClusterNode node, Connection connection) {
        return node.address().equals(connection.at());
    }

    private void want(Role role) {
        if (roster.want(role)) {
            if (!started) {
                started = true;
                search();
            }
            decide();
        }
    }

    private void search() {
        if (searching) {
            return;
        }
        searching = true;
        List<Connection> candidates = new ArrayList<>(good);
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
        ClusterNode known = roster.goodAt(node.at());
        return known != null && roster.isAside(known, io.nanoTime());
    }

    private void searchAt(List<Connection> order, int index) {
        if (index == order.size()) {
            searching = false;
            roster.searchedInVain();
            // The bootstrap addresses are tried in turn.
            home = connections.to(bootstrap.get(searchesInVain % bootstrap.size()));
            refreshWithin(searches.after(++searchesInVain));
            decide();
            return;
        }
        Connection asked = order.get(index);
        describe(asked)
                .whenComplete((answer, failure) ->
                        io.run(() -> {
                            if (answer != null && fits(answer)) {
                                learn(asked, answer);
                            } else if (isOldServer(failure) && roster.cluster() == null) {
                                learn(asked, DescribeClusterResponse.getDefaultInstance());
                            } else {
                                searchAt(order, index + 1);
                            }
                        }));
    }

    /** Returns whether the server responded but does not support the request. */
    private static boolean isOldServer(@Nullable Throwable failure) {
        return failure != null
                && UnaryCalls.failureOf(failure) instanceof MillraceException.Rejected rejected
                && !rejected.retriable();
    }

    private boolean fits(DescribeClusterResponse answer) {
        String cluster = roster.cluster();
        return cluster == null || cluster.equals(answer.getCluster());
    }

    private void learn(Connection from, DescribeClusterResponse answer) {
        searching = false;
        searchesInVain = 0;
        home = from;
        if (answer.getNodesCount() == 0 && roster.cluster() == null) {
            // A standalone server, or a node that has not discovered the cluster yet.
            roster.searchedInVain();
        } else if (answer.getNodesCount() > 0) {
            roster.learnt(ClusterDescription.of(answer), io.nanoTime());
        }
        long max = REFRESH.toNanos();
        refreshWithin(Duration.ofNanos(max * 3 / 4 + random.nextLong(max / 2)));
        decide();
        Set<ClientSettings.Address> kept = new LinkedHashSet<>(bootstrap);
        kept.add(from.at());
        answer.getNodesList()
                .forEach(node ->
                        kept.add(new ClientSettings.Address(node.getHost(), node.getPort())));
        connections.keepOnly(kept);
    }

    private CompletableFuture<DescribeClusterResponse> describe(Connection node) {
        node.tryNow();
        return UnaryCalls.unary(
                node,
                AdminGrpc.getDescribeClusterMethod(),
                DescribeClusterRequest.getDefaultInstance(),
                silence.answer());
    }

    private CompletableFuture<Boolean> ask(ClusterNode node) {
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
            roster.failed(node, now, "no response");
            refreshWithin(TICK);
        } else if (!answer.getNodeId().equals(node.id()) || !fits(answer)) {
            String found = "the address belongs to node %s of cluster %s";
            roster.failed(node, now, found.formatted(answer.getNodeId(), answer.getCluster()));
        } else {
            roster.answered(node, now);
        }
        decide();
    }

    private void decide() {
        long now = io.nanoTime();
        boolean changed = roster.decide(now) | home != decidedHome;
        decidedHome = home;
        good = connections.to(roster.good(now).stream().map(ClusterNode::address).toList());
        roster.toAsk(now).forEach(this::ask);
        if (changed) {
            listeners.forEach(io::execute);
        }
        if (!ticking && roster.isRestless(now)) {
            ticking = true;
            io.schedule(
                    TICK,
                    () -> {
                        ticking = false;
                        decide();
                    });
        }
    }

    /** Schedules a search after a delay, unless one is due earlier. */
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

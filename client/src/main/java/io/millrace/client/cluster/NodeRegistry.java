package io.millrace.client.cluster;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.connection.ClientSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The live nodes of the cluster and their health: decides which nodes serve each role and which
 * must be probed. A pure decision core. Owner: the I/O thread.
 *
 * <p>A node is used only after a response under its own id from its advertised address. Nodes of
 * the client's zone are preferred. A node that fails in a role is set aside for that role while
 * there is an alternative. When all nodes fail, none is preferred until a success, so that
 * partitions do not move back and forth. If no advertised address is usable, requests go to the
 * address that responded (<em>home</em>), provided that node has the role.
 */
final class NodeRegistry {

    /**
     * The time for which the first placement waits for more nodes, because each later node moves
     * partitions.
     */
    private static final long SETTLING_NANOS = 500_000_000L;

    private final String zone;
    private final Map<ClusterNode, NodeHealth> statuses = new LinkedHashMap<>();
    private final Map<Role, NodePlacement> placements = new EnumMap<>(Role.class);
    private final Set<Role> wanted = EnumSet.noneOf(Role.class);
    private final Set<Role> failedByAll = EnumSet.noneOf(Role.class);
    private @Nullable ClusterDescription view;
    private long learnedNanos;
    private boolean searched;

    NodeRegistry(String zone) {
        this.zone = zone;
    }

    @Nullable String cluster() {
        ClusterDescription known = view;
        return known == null ? null : known.cluster();
    }

    /** Returns whether the role is new. */
    boolean requireRole(Role role) {
        return wanted.add(role);
    }

    void searchFailed() {
        searched = true;
    }

    void update(ClusterDescription described, long nowNanos) {
        if (view == null) {
            learnedNanos = nowNanos;
        }
        view = described;
        statuses.keySet().retainAll(Set.copyOf(described.nodes()));
        described.nodes().forEach(node -> statuses.putIfAbsent(node, new NodeHealth()));
    }

    /** Returns the nodes that the caller must probe now. */
    List<ClusterNode> dueProbes(long nowNanos) {
        Set<ClusterNode> asked = new LinkedHashSet<>();
        for (Role role : wanted) {
            List<ClusterNode> able = withRole(role);
            List<ClusterNode> near = inOwnZone(able);
            boolean hopeless =
                    near.stream()
                            .allMatch(node ->
                                    status(node).isBad()
                                            || status(node).inRole(role).isSetAside(nowNanos));
            asked.addAll(hopeless ? able : near);
        }
        if (statuses.size() == 1) {
            // A single node is used at home, unless already in use at its own address.
            return List.of();
        }
        return asked.stream()
                .filter(node -> status(node).isProbeDue(nowNanos) && status(node).tryBeginProbe())
                .toList();
    }

    boolean tryBeginProbe(ClusterNode node) {
        return status(node).tryBeginProbe();
    }

    void answered(ClusterNode node, long nowNanos) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.answered(nowNanos);
        }
    }

    void failed(ClusterNode node, long nowNanos, String why) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.failed(nowNanos, why);
        }
    }

    void served(ClusterNode node, Role role) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.inRole(role).succeeded();
            failedByAll.remove(role);
        }
    }

    /** Returns whether the failing node is set aside now. */
    boolean unserved(ClusterNode node, Role role, long nowNanos, boolean atOnce) {
        NodeHealth status = statuses.get(node);
        if (status == null || failedByAll.contains(role)) {
            return false;
        }
        boolean lasts = status.inRole(role).failed(nowNanos) || atOnce;
        if (!lasts || status.inRole(role).isSetAside(nowNanos)) {
            return false;
        }
        boolean another =
                withRole(role).stream()
                        .filter(other -> !other.equals(node))
                        .map(this::status)
                        .anyMatch(other ->
                                !other.isBad() && !other.inRole(role).isSetAside(nowNanos));
        if (!another) {
            failedByAll.add(role);
            withRole(role).forEach(each -> status(each).inRole(role).succeeded());
            return false;
        }
        status.inRole(role).setAside(nowNanos);
        return true;
    }

    boolean isSetAside(ClusterNode node, long nowNanos) {
        NodeHealth status = statuses.get(node);
        return status != null && status.isSetAside(nowNanos);
    }

    boolean isAnyUnserved(Role role) {
        return statuses.values().stream().anyMatch(each -> !each.inRole(role).isHealthy());
    }

    @Nullable ClusterNode usableAt(ClientSettings.Address address) {
        return statuses.entrySet().stream()
                .filter(each -> each.getValue().isGood())
                .map(Map.Entry::getKey)
                .filter(node -> node.address().equals(address))
                .findFirst()
                .orElse(null);
    }

    /** Returns the reachable nodes; nodes set aside are last. */
    List<ClusterNode> usable(long nowNanos) {
        return statuses.keySet().stream()
                .filter(node -> status(node).isGood())
                .sorted(Comparator.comparing(node -> status(node).isSetAside(nowNanos)))
                .toList();
    }

    /** Returns whether the passing of time alone may change the placement. */
    boolean mayChangeWithTime(long nowNanos) {
        return placements.values().stream().anyMatch(NodePlacement.Unplaced.class::isInstance)
                || statuses.values().stream()
                        .anyMatch(status -> status.isBad() || status.isSetAside(nowNanos));
    }

    boolean usesHome() {
        return placements.values().stream().anyMatch(NodePlacement.Home.class::isInstance);
    }

    /** Returns whether any placement changed. */
    boolean updatePlacements(long nowNanos) {
        boolean changed = false;
        for (Role role : wanted) {
            NodePlacement now = choosePlacement(role, nowNanos);
            changed |= !now.equals(placements.put(role, now));
        }
        return changed;
    }

    NodePlacement placement(Role role) {
        return placements.getOrDefault(
                role, new NodePlacement.Unplaced("no node was contacted yet"));
    }

    private NodePlacement choosePlacement(Role role, long nowNanos) {
        ClusterDescription known = view;
        if (known == null) {
            return searched
                    ? new NodePlacement.Home()
                    : new NodePlacement.Unplaced("the server has not responded yet");
        }
        List<ClusterNode> able = withRole(role);
        if (able.isEmpty()) {
            return new NodePlacement.Unplaced(
                    "No live node of cluster %s has the role %s. Live nodes: %s."
                            .formatted(known.cluster(), lowerCase(role), ids(known)));
        }
        boolean settling =
                nowNanos - learnedNanos < SETTLING_NANOS
                        && !(placement(role) instanceof NodePlacement.Spread);
        List<ClusterNode> working =
                able.stream()
                        .filter(node -> !status(node).inRole(role).isSetAside(nowNanos))
                        .toList();
        List<ClusterNode> near = inOwnZone(able);
        List<ClusterNode> nearAndWorking = near.stream().filter(working::contains).toList();
        for (List<ClusterNode> tier : List.of(nearAndWorking, working, near, able)) {
            List<ClusterNode> good = tier.stream().filter(node -> status(node).isGood()).toList();
            boolean mayGrow = tier.stream().anyMatch(node -> status(node).isUntried());
            if (!good.isEmpty() && !(mayGrow && settling)) {
                return NodePlacement.Spread.over(good);
            }
        }
        if (known.nodes().size() == 1) {
            return new NodePlacement.Home();
        }
        if (able.stream().anyMatch(node -> status(node).isUntried())) {
            return new NodePlacement.Unplaced("the nodes have not responded yet");
        }
        if (able.stream().anyMatch(node -> node.id().equals(known.answeredBy()))) {
            return new NodePlacement.Home();
        }
        return new NodePlacement.Unplaced(unreachable(role, able));
    }

    private String unreachable(Role role, List<ClusterNode> able) {
        return able.stream()
                .map(node ->
                        "%s at %s (%s)".formatted(node.id(), node.address(), status(node).why()))
                .collect(
                        Collectors.joining(
                                "; ",
                                "No node with the role "
                                        + lowerCase(role)
                                        + " can be reached at its advertised address: ",
                                ". If the nodes are running, configure advertised addresses that this client can reach."));
    }

    private static String lowerCase(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static String ids(ClusterDescription known) {
        return known.nodes().isEmpty()
                ? "none"
                : known.nodes().stream().map(ClusterNode::id).collect(Collectors.joining(", "));
    }

    private List<ClusterNode> withRole(Role role) {
        List<ClusterNode> able = new ArrayList<>();
        for (ClusterNode node : statuses.keySet()) {
            if (node.roles().contains(role)) {
                able.add(node);
            }
        }
        return able;
    }

    /** Returns the nodes of the client's zone; all nodes without a match. */
    private List<ClusterNode> inOwnZone(List<ClusterNode> able) {
        List<ClusterNode> near =
                able.stream().filter(node -> !zone.isEmpty() && node.zone().equals(zone)).toList();
        return near.isEmpty() ? able : near;
    }

    private NodeHealth status(ClusterNode node) {
        NodeHealth status = statuses.get(node);
        if (status == null) {
            throw new IllegalStateException("Not a live node: " + node);
        }
        return status;
    }
}

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
 * The live nodes as they were last told, and which of them can be reached: decides who serves, and
 * who is to be asked whether it is there. Decides only: it calls nobody, and is told what time it
 * is. Owner: the I/O thread.
 *
 * <p>A node is used once it has answered, under its own id, at the address it gave; so a node that
 * gives an address which leads nowhere, or to another cluster, is never used at it. Nodes of the
 * client's own zone come first. One that answers nothing but failures in a role is set aside in it,
 * as long as there is another; when all fail, none is preferred until one of them does its work
 * again, so that nothing moves to and fro. Where no node can be used at its own address, the
 * address that answered (<em>home</em>) is, if its node has the role.
 */
final class NodeRegistry {

    /**
     * How long the first choice waits for more nodes to answer: each that comes later moves work.
     */
    private static final long SETTLING_NANOS = 500_000_000L;

    private final String zone;
    private final Map<ClusterNode, NodeHealth> statuses = new LinkedHashMap<>();
    private final Map<Role, NodePlacement> placements = new EnumMap<>(Role.class);
    private final Set<Role> wanted = EnumSet.noneOf(Role.class);
    private final Set<Role> failedByAll = EnumSet.noneOf(Role.class);
    private @Nullable ClusterDescription view;
    private long learntNanos;
    private boolean searched;

    /**
     * @param zone the client's own; empty if it does not care
     */
    NodeRegistry(String zone) {
        this.zone = zone;
    }

    /** The name of the cluster; null before it is known. */
    @Nullable String cluster() {
        ClusterDescription known = view;
        return known == null ? null : known.cluster();
    }

    /** Somebody wants to be served in a role. Returns whether nobody did before. */
    boolean want(Role role) {
        return wanted.add(role);
    }

    /** A search for nodes ended without finding any. */
    void searchedInVain() {
        searched = true;
    }

    /** A node told which nodes there are. */
    void learnt(ClusterDescription described, long nowNanos) {
        if (view == null) {
            learntNanos = nowNanos;
        }
        view = described;
        statuses.keySet().retainAll(Set.copyOf(described.nodes()));
        described.nodes().forEach(node -> statuses.putIfAbsent(node, new NodeHealth()));
    }

    /** The nodes that are to be asked now whether they are there; the caller does so. */
    List<ClusterNode> toAsk(long nowNanos) {
        Set<ClusterNode> asked = new LinkedHashSet<>();
        for (Role role : wanted) {
            List<ClusterNode> able = able(role);
            List<ClusterNode> near = near(able);
            boolean hopeless =
                    near.stream()
                            .allMatch(node ->
                                    status(node).isBad()
                                            || status(node).service(role).isAside(nowNanos));
            asked.addAll(hopeless ? able : near);
        }
        if (statuses.size() == 1) {
            // It is used at home, if it is not in use at its own address already.
            return List.of();
        }
        return asked.stream()
                .filter(node -> status(node).isDue(nowNanos) && status(node).mayBeAsked())
                .toList();
    }

    /** Whether a node may be asked at once; the caller does so then. */
    boolean mayAsk(ClusterNode node) {
        return status(node).mayBeAsked();
    }

    /** A node answered at its own address, as itself. */
    void answered(ClusterNode node, long nowNanos) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.answered(nowNanos);
        }
    }

    /** A node did not answer at its address, or not as itself, or wants to be left. */
    void failed(ClusterNode node, long nowNanos, String why) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.failed(nowNanos, why);
        }
    }

    /** A node did what it was asked in a role. */
    void served(ClusterNode node, Role role) {
        NodeHealth status = statuses.get(node);
        if (status != null) {
            status.service(role).succeeded();
            failedByAll.remove(role);
        }
    }

    /**
     * A node answered, but could not do what it was asked in a role.
     *
     * @param atOnce whether that has lasted too long already
     * @return whether it is set aside now: another is worth a try
     */
    boolean unserved(ClusterNode node, Role role, long nowNanos, boolean atOnce) {
        NodeHealth status = statuses.get(node);
        if (status == null || failedByAll.contains(role)) {
            return false;
        }
        boolean lasts = status.service(role).failed(nowNanos) || atOnce;
        if (!lasts || status.service(role).isAside(nowNanos)) {
            return false;
        }
        boolean another =
                able(role).stream()
                        .filter(other -> !other.equals(node))
                        .map(this::status)
                        .anyMatch(
                                other -> !other.isBad() && !other.service(role).isAside(nowNanos));
        if (!another) {
            failedByAll.add(role);
            able(role).forEach(each -> status(each).service(role).succeeded());
            return false;
        }
        status.service(role).setAside(nowNanos);
        return true;
    }

    /** Whether a node is set aside in any role. */
    boolean isAside(ClusterNode node, long nowNanos) {
        NodeHealth status = statuses.get(node);
        return status != null && status.isAside(nowNanos);
    }

    /** Whether a node failed in a role, and has not done its work since. */
    boolean isAnyUnserved(Role role) {
        return statuses.values().stream().anyMatch(each -> !each.service(role).isSound());
    }

    /** The node that is in good standing at an address; null if there is none. */
    @Nullable ClusterNode goodAt(ClientSettings.Address address) {
        return statuses.entrySet().stream()
                .filter(each -> each.getValue().isGood())
                .map(Map.Entry::getKey)
                .filter(node -> node.address().equals(address))
                .findFirst()
                .orElse(null);
    }

    /** The nodes that can be used, those first that are not set aside. */
    List<ClusterNode> good(long nowNanos) {
        return statuses.keySet().stream()
                .filter(node -> status(node).isGood())
                .sorted(Comparator.comparing(node -> status(node).isAside(nowNanos)))
                .toList();
    }

    /** Whether time alone may change something: a pause ends, or the first choice is due. */
    boolean isRestless(long nowNanos) {
        return placements.values().stream().anyMatch(NodePlacement.Nowhere.class::isInstance)
                || statuses.values().stream()
                        .anyMatch(status -> status.isBad() || status.isAside(nowNanos));
    }

    /** Whether somebody is served at home. */
    boolean usesHome() {
        return placements.values().stream().anyMatch(NodePlacement.Home.class::isInstance);
    }

    /** Decides again. Returns whether anything is different now. */
    boolean decide(long nowNanos) {
        boolean changed = false;
        for (Role role : wanted) {
            NodePlacement now = place(role, nowNanos);
            changed |= !now.equals(placements.put(role, now));
        }
        return changed;
    }

    /** Where a role's partitions are served, as it was last decided. */
    NodePlacement placement(Role role) {
        return placements.getOrDefault(role, new NodePlacement.Nowhere("no node was asked yet"));
    }

    private NodePlacement place(Role role, long nowNanos) {
        ClusterDescription known = view;
        if (known == null) {
            return searched
                    ? new NodePlacement.Home()
                    : new NodePlacement.Nowhere("the server has not answered yet");
        }
        List<ClusterNode> able = able(role);
        if (able.isEmpty()) {
            return new NodePlacement.Nowhere(
                    "No live node of cluster %s has the role %s. Those that live are: %s."
                            .formatted(known.cluster(), lower(role), ids(known)));
        }
        boolean settling =
                nowNanos - learntNanos < SETTLING_NANOS
                        && !(placement(role) instanceof NodePlacement.Spread);
        List<ClusterNode> working =
                able.stream()
                        .filter(node -> !status(node).service(role).isAside(nowNanos))
                        .toList();
        List<ClusterNode> near = near(able);
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
            return new NodePlacement.Nowhere("the nodes have not answered yet");
        }
        if (able.stream().anyMatch(node -> node.id().equals(known.answeredBy()))) {
            return new NodePlacement.Home();
        }
        return new NodePlacement.Nowhere(unreachable(role, able));
    }

    private String unreachable(Role role, List<ClusterNode> able) {
        return able.stream()
                .map(node ->
                        "%s at %s (%s)".formatted(node.id(), node.address(), status(node).why()))
                .collect(
                        Collectors.joining(
                                "; ",
                                "No node with the role "
                                        + lower(role)
                                        + " can be reached from here at the address it gives: ",
                                ". If they run, give them addresses that this client can reach."));
    }

    private static String lower(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static String ids(ClusterDescription known) {
        return known.nodes().isEmpty()
                ? "none"
                : known.nodes().stream().map(ClusterNode::id).collect(Collectors.joining(", "));
    }

    private List<ClusterNode> able(Role role) {
        List<ClusterNode> able = new ArrayList<>();
        for (ClusterNode node : statuses.keySet()) {
            if (node.roles().contains(role)) {
                able.add(node);
            }
        }
        return able;
    }

    /** Those of the own zone; all where there are none, or where the client does not care. */
    private List<ClusterNode> near(List<ClusterNode> able) {
        List<ClusterNode> near =
                able.stream().filter(node -> !zone.isEmpty() && node.zone().equals(zone)).toList();
        return near.isEmpty() ? able : near;
    }

    private NodeHealth status(ClusterNode node) {
        NodeHealth status = statuses.get(node);
        if (status == null) {
            throw new IllegalStateException("not a live node: " + node);
        }
        return status;
    }
}

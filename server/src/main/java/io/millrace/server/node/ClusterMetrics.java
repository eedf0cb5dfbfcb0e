package io.millrace.server.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Registers the gauges of the live nodes in the view of this node (docs/metrics.md). */
final class ClusterMetrics {

    private ClusterMetrics() {}

    /**
     * @param liveNodes the supplier of the live nodes; called on any thread
     */
    static void register(Supplier<List<RegisteredNode>> liveNodes, MeterRegistry registry) {
        Gauge.builder("millrace.cluster.nodes", liveNodes, nodes -> nodes.get().size())
                .strongReference(true)
                .register(registry);
        for (Role role : Role.values()) {
            Gauge.builder("millrace.cluster.role.nodes", liveNodes, nodes -> count(nodes, role))
                    .tag("role", role.name().toLowerCase(Locale.ROOT))
                    .strongReference(true)
                    .register(registry);
        }
    }

    private static double count(Supplier<List<RegisteredNode>> liveNodes, Role role) {
        return liveNodes.get().stream().filter(node -> node.roles().contains(role)).count();
    }
}

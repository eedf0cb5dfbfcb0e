package io.millrace.client.admin;

import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.UpgradeClusterRequest;
import java.time.Duration;
import java.util.OptionalInt;

/** Administers the cluster as a whole. Thread-safe. Throws {@link MillraceException}s. */
public final class ClusterOperations {

    private final AnyNodeCaller nodes;
    private final Duration timeout;

    /**
     * The feature level before and after a request.
     *
     * @param after the level in force, or, of a dry run, the level that the request would set
     */
    public record LevelChange(int before, int after) {}

    public ClusterOperations(AnyNodeCaller nodes, Duration timeout) {
        this.nodes = nodes;
        this.timeout = timeout;
    }

    /**
     * Raises the feature level, so that older versions of Millrace no longer start.
     *
     * @param level the level; empty for the highest that all live nodes support
     * @param dryRun whether the request only reports what it would do
     */
    public LevelChange upgrade(OptionalInt level, boolean dryRun) {
        var changed =
                nodes.change(
                                AdminGrpc.getUpgradeClusterMethod(),
                                UpgradeClusterRequest.newBuilder()
                                        .setFeatureLevel(level.orElse(0))
                                        .setDryRun(dryRun)
                                        .build(),
                                timeout,
                                "upgrade the cluster")
                        .thenApply(answer ->
                                new LevelChange(
                                        answer.getFeatureLevelBefore(), answer.getFeatureLevel()));
        return UnaryCalls.await(changed, timeout.plusSeconds(1), "The upgrade of the cluster");
    }
}

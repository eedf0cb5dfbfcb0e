package io.millrace.metadata.admin;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** The decision about a request to raise the feature level of a cluster. */
sealed interface LevelDecision {

    /** The level is raised to a level that all nodes support. */
    record Raise(int level) implements LevelDecision {}

    /** The level in force is the requested level. */
    record Unchanged() implements LevelDecision {}

    record Refused(Problem problem) implements LevelDecision {}

    /**
     * Decides from the live nodes.
     *
     * @param wanted the requested level; empty for the highest that all nodes support
     * @param nodes the live nodes, at least one
     * @param openIncarnations the incarnations that are not closed. One without a live node may
     *     belong to a process that returns in an older version
     */
    static LevelDecision of(
            int inForce,
            OptionalInt wanted,
            List<RegisteredNode> nodes,
            Collection<Long> openIncarnations) {
        int common =
                nodes.stream().mapToInt(RegisteredNode::featureLevel).reduce(Math::min).orElse(0);
        int level = wanted.orElse(Math.max(common, inForce));
        if (level < inForce) {
            return refused(
                    Reason.MALFORMED_REQUEST,
                    "The feature level is %d and can only be raised, not set to %d."
                            .formatted(inForce, level));
        }
        if (level == inForce) {
            return new Unchanged();
        }
        if (common < level) {
            return refused(
                    Reason.FEATURE_LEVEL_TOO_LOW,
                    "Feature level %d is not supported by %s: start a newer version of Millrace there, or raise the level to %d at most."
                            .formatted(level, nodesBelow(level, nodes), Math.max(common, inForce)));
        }
        Set<Long> ended = new HashSet<>(openIncarnations);
        nodes.forEach(node -> ended.remove(node.incarnation()));
        return ended.isEmpty()
                ? new Raise(level)
                : refused(
                        Reason.FEATURE_LEVEL_TOO_LOW,
                        "%d process(es) ended a short time ago and may start again in an older version: repeat the request when the node lease has expired (millrace.node-lease-s)."
                                .formatted(ended.size()));
    }

    private static String nodesBelow(int level, List<RegisteredNode> nodes) {
        return nodes.stream()
                .filter(node -> node.featureLevel() < level)
                .map(node ->
                        "node %s (level %d%s)"
                                .formatted(
                                        node.node(),
                                        node.featureLevel(),
                                        node.version().isEmpty()
                                                ? ""
                                                : ", version " + node.version()))
                .collect(Collectors.joining(", "));
    }

    private static LevelDecision refused(Reason reason, String sentence) {
        return new Refused(new Problem(reason, sentence));
    }
}

package io.millrace.group;

import io.millrace.metadata.membership.RegisteredNode;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A view of this node and of the cluster. Used on the metadata's event loop.
 *
 * @param members the live nodes; none for a standalone node
 * @param isLive whether no other node can have declared this node dead
 * @param life the maximum time from that declaration until this node detects it
 * @param servesClassic whether classic members can reach a node, which can then coordinate them
 */
public record LocalNode(
        Supplier<List<RegisteredNode>> members,
        Supplier<String> self,
        BooleanSupplier isLive,
        Duration life,
        Predicate<RegisteredNode> servesClassic) {

    /** A view of a cluster in which all nodes serve classic members. */
    public LocalNode(
            Supplier<List<RegisteredNode>> members,
            Supplier<String> self,
            BooleanSupplier isLive,
            Duration life) {
        this(members, self, isLive, life, node -> true);
    }
}

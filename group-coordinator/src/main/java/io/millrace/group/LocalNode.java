package io.millrace.group;

import io.millrace.metadata.membership.RegisteredNode;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * This node's view of itself and of the cluster. Used on the metadata's event loop.
 *
 * @param members the live nodes of the cluster as known now; none for a standalone node
 * @param self this node's id
 * @param isLive whether no other node can have declared this node dead yet
 * @param life the maximum time for which a node may not know that it was declared dead
 */
public record LocalNode(
        Supplier<List<RegisteredNode>> members,
        Supplier<String> self,
        BooleanSupplier isLive,
        Duration life) {}

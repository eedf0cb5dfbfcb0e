package io.millrace.group;

import io.millrace.metadata.membership.RegisteredNode;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a node knows of itself and the others. Asked on the metadata's loop.
 *
 * @param members the live nodes of the cluster as they are known now; none if this node is alone
 * @param self this node's id
 * @param isLive whether the others cannot have taken this node for dead yet, for sure
 * @param life how long a node that the others took for dead may not know it at most
 */
public record LocalNode(
        Supplier<List<RegisteredNode>> members,
        Supplier<String> self,
        BooleanSupplier isLive,
        Duration life) {}

package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The view of its zone that a fetch node needs to share loads with the other fetch nodes.
 *
 * @param nodes the live nodes of the cluster; called on the fetch node's event loop
 * @param self the id of this node; no peer is used until the id is among the live nodes
 * @param peers the client for requests to other fetch nodes
 */
public record Zone(Supplier<List<RegisteredNode>> nodes, Supplier<String> self, PeerReads peers) {

    /** A zone without other fetch nodes. */
    public static final Zone ALONE =
            new Zone(
                    List::of,
                    () -> "",
                    (peer, object, position, length, begun) ->
                            CompletableFuture.failedFuture(
                                    new IllegalStateException(
                                            "the zone has no other fetch nodes")));
}

package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A view of the zone that a fetch node needs to share loads.
 *
 * @param nodes the live nodes of the cluster; called on the fetch node's event loop
 * @param self the id of this node; until the id is live, no peer is used
 */
public record Zone(Supplier<List<RegisteredNode>> nodes, Supplier<String> self, PeerReads peers) {

    public static final Zone ALONE =
            new Zone(
                    List::of,
                    () -> "",
                    (peer, object, position, length, begun) ->
                            CompletableFuture.failedFuture(
                                    new IllegalStateException(
                                            "the zone has no other fetch nodes")));
}

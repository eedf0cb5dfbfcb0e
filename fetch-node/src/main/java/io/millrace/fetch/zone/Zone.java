package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What a fetch node needs to know to share the work of loading with the others of its zone.
 *
 * @param members the live nodes of the cluster as they are known now; asked on the fetch node's
 *     loop
 * @param self this node's id; as long as it is not among the members, nobody else is asked
 * @param peers asks the others
 */
public record Zone(Supplier<List<RegisteredNode>> members, Supplier<String> self, PeerReads peers) {

    /** A fetch node that loads everything itself. */
    public static final Zone ALONE =
            new Zone(
                    List::of,
                    () -> "",
                    (peer, object, position, length, begun) ->
                            CompletableFuture.failedFuture(
                                    new IllegalStateException("there are no others")));
}

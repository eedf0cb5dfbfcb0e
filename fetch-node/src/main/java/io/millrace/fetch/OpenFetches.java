package io.millrace.fetch;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.limit.FairLimit;
import java.util.Optional;

/**
 * The open fetches of a node and their partitions, limited in total and shared by the readers.
 * Owned by the fetch node's event loop.
 */
final class OpenFetches {

    /** Maximum number of partitions in all open fetches. */
    static final int MAX_PARTITIONS = 200_000;

    private final FairLimit fetches;
    private final FairLimit partitions = new FairLimit(MAX_PARTITIONS);

    OpenFetches(int maxFetches) {
        this.fetches = new FairLimit(maxFetches);
    }

    /** Adds a fetch, or returns why there is no room for it. */
    Optional<Problem> add(Object reader, int ofPartitions) {
        if (fetches.tryAdd(reader, 1)) {
            if (partitions.tryAdd(reader, ofPartitions)) {
                return Optional.empty();
            }
            fetches.remove(reader, 1);
        }
        return Optional.of(
                new Problem(
                        Reason.OVERLOADED,
                        "The node has %,d open fetches of %,d partitions, and one more of %,d would exceed the share of this address; fetch again after a pause, or at another node."
                                .formatted(fetches.used(), partitions.used(), ofPartitions)));
    }

    void remove(Object reader, int ofPartitions) {
        fetches.remove(reader, 1);
        partitions.remove(reader, ofPartitions);
    }
}

package io.millrace.metadata.replica;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.state.MetadataState.Sizes;
import java.util.Optional;

/**
 * The decision how many (producer, partition) pairs the cluster remembers. The number is in the
 * log, so that all nodes forget the same pairs. It is doubled before it is reached, as far as the
 * smallest node has memory. Pure.
 */
final class ProducerCapacity {

    /** The part of the memory for metadata that producers may take. */
    private static final int SHARE = 4;

    private ProducerCapacity() {}

    /**
     * Returns the command to propose, if any.
     *
     * @param shareBytes the memory for metadata of the smallest node
     * @param maxPairs the maximum for any cluster
     */
    static Optional<Command> raise(Sizes sizes, long shareBytes, int maxPairs) {
        int capacity = sizes.producerCapacity();
        boolean nearlyFull = sizes.producers() >= capacity - capacity / 4;
        long room = Math.min(maxPairs, shareBytes / SHARE / Sizes.BYTES_PER_PRODUCER);
        int raised = (int) Math.min(room, 2L * capacity);
        return nearlyFull && raised > capacity
                ? Optional.of(new Command.ProducerCapacityRaised(raised))
                : Optional.empty();
    }
}

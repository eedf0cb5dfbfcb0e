package io.millrace.metadata;

import java.util.Optional;

/** Read access to the applied state. Only on the loop that owns the state. */
public interface MetadataView {

    /** Returns the log of a partition; empty if unknown. */
    Optional<PartitionLog> partition(long topicId, int partition);
}

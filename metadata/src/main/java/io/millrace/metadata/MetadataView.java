package io.millrace.metadata;

import java.util.Optional;

/** What readers may ask of the applied state. Only on the loop that owns it. */
public interface MetadataView {

    /** The log of a partition; empty if there is no such partition. */
    Optional<PartitionLog> partition(long topicId, int partition);
}

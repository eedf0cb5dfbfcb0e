package io.millrace.metadata;

import java.util.List;

/** Read access to the idempotent producers. Only on the loop that owns the state. */
@FunctionalInterface
public interface ProducersView {

    /**
     * Returns the remembered producers of a partition, in no order; empty if unknown.
     *
     * @param max the maximum number of producers
     */
    List<ProducerState> of(long topicId, int partition, int max);

    /**
     * The state of a producer in a partition.
     *
     * @param lastAppendTimeMs the append time of its last batch, in milliseconds since 1970
     */
    record ProducerState(long producerId, short epoch, int lastSequence, long lastAppendTimeMs) {}
}

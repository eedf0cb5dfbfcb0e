package io.millrace.client.producer;

/** The producer id and epoch under which the server deduplicates a producer's batches. */
record ProducerIdAndEpoch(long id, int epoch) {}

package io.millrace.it;

import java.util.List;
import java.util.OptionalLong;

/**
 * A producer that sends the numbers from 0 to each partition of a topic until it is stopped. Every
 * send must succeed.
 */
interface SteadyProducer extends AutoCloseable {

    /** The offset of a record whose place the server does not know any more. */
    long UNKNOWN_OFFSET = -1;

    String topic();

    /** Returns the number of records that were acknowledged so far. */
    long acknowledged();

    /** Waits until further records have been acknowledged. */
    default void awaitMore(int records) {
        long before = acknowledged();
        Eventually.await(
                () -> "more than %d records of %s".formatted(before, topic()),
                () -> acknowledged() >= before + records);
    }

    /**
     * Ends the production and returns the acknowledged offsets of each partition's numbers. Fails
     * if a send has failed.
     */
    List<List<Long>> finish() throws Exception;

    /**
     * Returns the largest number of records that retries may have doubled; empty if the client does
     * not count them.
     */
    OptionalLong sentAgain();

    @Override
    void close() throws Exception;
}

package io.millrace.client.observation;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.util.Collection;
import java.util.function.LongSupplier;

/**
 * A receiver of what a client measures. Called for batches, requests and rebalances, never for
 * single records. Any thread; must not block or throw. By default, all calls are ignored.
 */
public interface ClientMetrics {

    /** Receives nothing. */
    ClientMetrics NONE = new ClientMetrics() {};

    /**
     * A batch that is stored.
     *
     * @param sizeBytes the size after compression
     * @param queueNanos the time from the first record to the last attempt
     * @param requestNanos the time from the last attempt to the response
     */
    record StoredBatch(
            String topic, int records, int sizeBytes, long queueNanos, long requestNanos) {}

    /**
     * Batches that were delivered to the application.
     *
     * @param sizeBytes the size before decompression
     */
    record ReadBatches(String topic, int records, long sizeBytes) {}

    /** A removal of a gauge whose source is closed. */
    @FunctionalInterface
    interface Registration extends AutoCloseable {
        Registration NONE = () -> {};

        @Override
        void close();
    }

    /** Called when a client is opened. */
    default Registration clientOpened(LongSupplier connections) {
        return Registration.NONE;
    }

    /** Called when a producer is opened. */
    default Registration producerOpened(LongSupplier bufferedBytes) {
        return Registration.NONE;
    }

    default void batchStored(StoredBatch batch) {}

    /** Called when a batch is not stored or may not be stored. */
    default void batchFailed(String topic, int records, MillraceException failure) {}

    /**
     * Called when an attempt to store a batch failed and the batch is sent again.
     *
     * @param reason the reason of the node, in lower case
     */
    default void batchRetried(String topic, String reason) {}

    /** Called when a reader has received a response to a fetch, including the wait for records. */
    default void fetched(long requestNanos) {}

    /** Called when a fetch of a reader failed. */
    default void fetchFailed(MillraceException failure) {}

    /** Called when a poll of a reader returned batches. */
    default void polled(ReadBatches batches) {}

    /** Called when the handler of a subscription returned or threw. */
    default void handled(ReadBatches batches, long handlerNanos) {}

    /**
     * Called with the distance from the next record of a reader or subscription to the end of the
     * partition.
     */
    default void lag(TopicPartition partition, long records) {}

    /** Called when partitions are assigned to a subscription. */
    default void assigned(Collection<TopicPartition> partitions) {}

    /** Called when partitions are revoked from a subscription; their lag is no longer known. */
    default void revoked(Collection<TopicPartition> partitions) {}

    /** Called when partitions of a subscription are lost; their lag is no longer known. */
    default void lost(Collection<TopicPartition> partitions) {}

    /** Called when a reader is closed; the lag of its partitions is no longer known. */
    default void readerClosed(Collection<TopicPartition> partitions) {}

    /** Called when a commit is answered. */
    default void commitAnswered(boolean stored) {}
}

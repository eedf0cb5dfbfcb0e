package io.millrace.client.producer;

import io.millrace.protocol.batch.CompressionCodec;
import java.time.Duration;

/**
 * The settings of a producer.
 *
 * @param batchBytes the uncompressed size at which a batch is sent
 * @param bufferBytes the maximum size of unacknowledged records in memory
 * @param deliveryTimeout the maximum time to deliver a batch from its first record, including
 *     retries
 * @param asRecords true to send records unencoded, so that the node encodes them together with
 *     records of other producers; not idempotent
 * @param inFlightPerPartition the maximum number of unacknowledged batches of a partition. The
 *     server keeps the offsets of the last 5 batches; a retry of an older batch succeeds without an
 *     offset
 * @param topicMaxAge the time after which the partition count of a topic in use is looked up again,
 *     so that added partitions are used
 * @param wantTiming true if acknowledgements carry the durations of the steps
 */
public record ProducerSettings(
        int batchBytes,
        Duration linger,
        long bufferBytes,
        Duration maxBlock,
        Duration deliveryTimeout,
        CompressionCodec codec,
        boolean idempotent,
        boolean asRecords,
        int inFlightPerPartition,
        Duration topicMaxAge,
        boolean wantTiming) {

    /** The maximum {@code max.message.bytes} of a topic. */
    static final int MAX_BATCH_BYTES = 16 * 1024 * 1024 - 1024;

    private static final int MAX_OPEN_BATCH_BYTES = MAX_BATCH_BYTES - 1024;

    public ProducerSettings {
        if (batchBytes < 256 || batchBytes > MAX_OPEN_BATCH_BYTES) {
            throw new IllegalArgumentException(
                    "batchBytes must be 256 to "
                            + MAX_OPEN_BATCH_BYTES
                            + " bytes, not "
                            + batchBytes);
        }
        if (bufferBytes < batchBytes) {
            throw new IllegalArgumentException("bufferBytes must be at least batchBytes");
        }
        if (inFlightPerPartition < 1) {
            throw new IllegalArgumentException("inFlightPerPartition must be at least 1");
        }
        if (linger.isNegative()
                || maxBlock.isNegative()
                || deliveryTimeout.isNegative()
                || topicMaxAge.isNegative()) {
            throw new IllegalArgumentException("A duration must not be negative");
        }
    }

    /**
     * Returns the defaults: idempotent, zstd, batches of 64 KiB or 5 ms, 64 MiB of memory, a
     * delivery timeout of 2 min.
     */
    public static ProducerSettings defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with the defaults. */
    public static final class Builder {
        private int batchBytes = 64 * 1024;
        private Duration linger = Duration.ofMillis(5);
        private long bufferBytes = 64L * 1024 * 1024;
        private Duration maxBlock = Duration.ofSeconds(60);
        private Duration deliveryTimeout = Duration.ofMinutes(2);
        private CompressionCodec codec = CompressionCodec.ZSTD;
        private boolean idempotent = true;
        private boolean asRecords;
        private int inFlightPerPartition = 512;
        private Duration topicMaxAge = Duration.ofMinutes(1);
        private boolean wantTiming;

        private Builder() {}

        public Builder batchBytes(int bytes) {
            batchBytes = bytes;
            return this;
        }

        public Builder linger(Duration duration) {
            linger = duration;
            return this;
        }

        public Builder bufferBytes(long bytes) {
            bufferBytes = bytes;
            return this;
        }

        public Builder maxBlock(Duration duration) {
            maxBlock = duration;
            return this;
        }

        public Builder deliveryTimeout(Duration duration) {
            deliveryTimeout = duration;
            return this;
        }

        public Builder codec(CompressionCodec choice) {
            codec = choice;
            return this;
        }

        public Builder idempotent(boolean choice) {
            idempotent = choice;
            return this;
        }

        public Builder asRecords(boolean choice) {
            asRecords = choice;
            return this;
        }

        public Builder inFlightPerPartition(int batches) {
            inFlightPerPartition = batches;
            return this;
        }

        public Builder topicMaxAge(Duration duration) {
            topicMaxAge = duration;
            return this;
        }

        public Builder wantTiming(boolean choice) {
            wantTiming = choice;
            return this;
        }

        public ProducerSettings build() {
            return new ProducerSettings(
                    batchBytes,
                    linger,
                    bufferBytes,
                    maxBlock,
                    deliveryTimeout,
                    codec,
                    idempotent && !asRecords,
                    asRecords,
                    inFlightPerPartition,
                    topicMaxAge,
                    wantTiming);
        }
    }
}
